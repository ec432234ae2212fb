import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { dilate, erode } from './morphology.ts'

/** The definition: the extreme over the window, pixels outside left out. */
function slowly(
  plane: Uint8Array,
  w: number,
  h: number,
  kw: number,
  kh: number,
  pick: (...v: number[]) => number,
) {
  return Uint8Array.from(plane, (_, i) => {
    const seen: number[] = []
    for (let dy = 0; dy < kh; dy++)
      for (let dx = 0; dx < kw; dx++) {
        const x = (i % w) + dx - (kw >> 1)
        const y = Math.floor(i / w) + dy - (kh >> 1)
        if (x >= 0 && x < w && y >= 0 && y < h) seen.push(plane[y * w + x]!)
      }
    return pick(...seen)
  })
}

test('fast erosion and dilation equal the definition for every kernel', () => {
  const side = fc.integer({ min: 1, max: 12 })
  fc.assert(
    fc.property(side, side, side, side, fc.nat(), (w, h, width, height, seed) => {
      let state = seed
      const plane = Uint8Array.from(
        { length: w * h },
        () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24,
      )
      expect(erode(plane, w, h, { width, height })).toEqual(slowly(plane, w, h, width, height, Math.min))
      expect(dilate(plane, w, h, { width, height })).toEqual(slowly(plane, w, h, width, height, Math.max))
    }),
    { numRuns: 300 },
  )
})

test('an even kernel reaches one further to the left and above', () => {
  const point = new Uint8Array(49)
  point[3 * 7 + 3] = 1
  // A window of [-1, 0] around (4, 4) holds (3, 3): the point grows to the right and down.
  const grown = dilate(point, 7, 7, 2)
  expect([...grown].flatMap((v, i) => (v === 1 ? [i] : []))).toEqual([24, 25, 31, 32])
})

test('a full mask is not eaten from the border', () => {
  expect(erode(new Uint8Array(30).fill(255), 6, 5, 6).every((v) => v === 255)).toBe(true)
})

test('kernels of no size are refused', () => {
  expect(() => erode(new Uint8Array(4), 2, 2, 0)).toThrow('internal:')
  expect(() => dilate(new Uint8Array(4), 2, 2, 1.5)).toThrow('internal:')
})
