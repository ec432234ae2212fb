import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interpolateBilinear } from './interpolate.ts'
import { resizeNearest } from './nearest.ts'
import type { NearestRule } from './nearest.ts'
import { planBilinearAxis, toIntegerWeights, weightBits } from './resample-weights.ts'
import { resizeLinearOpenCv, resizePlaneLinearOpenCv } from './resize-opencv.ts'
import { resizeBilinear, resizePlane } from './resize.ts'
import { zoomedLength, zoomLinear } from './zoom.ts'

type ByteResize = (p: Uint8Array, w: number, h: number, c: number, newW: number, newH: number) => Uint8Array
type PlaneResize = (p: Float32Array, w: number, h: number, newW: number, newH: number) => Float32Array

const nearest =
  (rule: NearestRule): ByteResize =>
  (p, w, h, c, newW, newH) =>
    resizeNearest(p, w, h, c, newW, newH, rule)

const byteResizes: readonly (readonly [string, ByteResize])[] = [
  ['PIL bilinear', resizeBilinear],
  ['OpenCV linear', resizeLinearOpenCv],
  ['PIL nearest', nearest('pil')],
  ['PyTorch nearest', nearest('torch')],
  ['OpenCV nearest', nearest('opencv')],
]

const planeResizes: readonly (readonly [string, PlaneResize])[] = [
  ['PIL mode F', resizePlane],
  ['OpenCV float', resizePlaneLinearOpenCv],
  [
    'PyTorch, corners free',
    (p, w, h, nw, nh) => interpolateBilinear(p, h, w, nh, nw, { alignCorners: false }),
  ],
  [
    'PyTorch, corners aligned',
    (p, w, h, nw, nh) => interpolateBilinear(p, h, w, nh, nw, { alignCorners: true }),
  ],
  ['scipy zoom', (p, w, h, nw, nh) => zoomLinear(p, h, w, nh, nw)],
]

const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2, 300))
const size = fc.record({ w: side, h: side, newW: side, newH: side })
const channels = fc.constantFrom(1, 3)

function randomBytes(length: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

describe.each(byteResizes)('%s', (_, resize) => {
  test('keeps a constant picture constant, for every size and ratio', () => {
    fc.assert(
      fc.property(size, channels, fc.nat(255), ({ w, h, newW, newH }, c, value) => {
        const resized = resize(new Uint8Array(w * h * c).fill(value), w, h, c, newW, newH)
        expect(resized.length).toBe(newW * newH * c)
        expect(resized.every((v) => v === value)).toBe(true)
      }),
    )
  })

  test('gives back a copy when the size stays', () => {
    fc.assert(
      fc.property(side, side, channels, fc.nat(), (w, h, c, seed) => {
        const pixels = randomBytes(w * h * c, seed)
        const resized = resize(pixels, w, h, c, w, h)
        expect(resized).toEqual(pixels)
        expect(resized.buffer).not.toBe(pixels.buffer)
      }),
    )
  })

  test('treats the channels of a picture as separate planes', () => {
    fc.assert(
      fc.property(size, fc.nat(), ({ w, h, newW, newH }, seed) => {
        const rgb = randomBytes(w * h * 3, seed)
        const resized = resize(rgb, w, h, 3, newW, newH)
        for (let c = 0; c < 3; c++) {
          const plane = Uint8Array.from({ length: w * h }, (_, i) => rgb[i * 3 + c]!)
          const alone = resize(plane, w, h, 1, newW, newH)
          expect(alone.every((v, i) => v === resized[i * 3 + c])).toBe(true)
        }
      }),
    )
  })

  test('refuses sizes that the buffer does not have', () => {
    expect(() => resize(new Uint8Array(11), 4, 3, 1, 2, 2)).toThrow('internal:')
    expect(() => resize(new Uint8Array(12), 4, 3, 1, 0, 2)).toThrow('internal:')
    expect(() => resize(new Uint8Array(12), 4, 3, 1, 2, 1.5)).toThrow('internal:')
  })
})

describe.each(planeResizes)('%s', (_, resize) => {
  test('keeps a constant plane constant', () => {
    fc.assert(
      fc.property(size, fc.float({ min: 0, max: 1, noNaN: true }), ({ w, h, newW, newH }, value) => {
        const resized = resize(new Float32Array(w * h).fill(value), w, h, newW, newH)
        // Weights add up to 1 but for rounding.
        expect(resized.every((v) => Math.abs(v - value) <= 2e-7)).toBe(true)
      }),
    )
  })

  test('never leaves the range of its input', () => {
    fc.assert(
      fc.property(size, fc.nat(), ({ w, h, newW, newH }, seed) => {
        const plane = Float32Array.from(randomBytes(w * h, seed), (v) => v / 255)
        const resized = resize(plane, w, h, newW, newH)
        const [low, high] = [Math.min(...plane) - 2e-7, Math.max(...plane) + 2e-7]
        expect(resized.every((v) => v >= low && v <= high)).toBe(true)
      }),
    )
  })

  test('gives back a copy when the size stays', () => {
    const plane = Float32Array.from(randomBytes(35, 5))
    const resized = resize(plane, 7, 5, 7, 5)
    expect(resized).toEqual(plane)
    expect(resized.buffer).not.toBe(plane.buffer)
  })
})

test('bytes agree with the float resize to one level: the integer weights do not drift', () => {
  fc.assert(
    fc.property(size, fc.nat(), ({ w, h, newW, newH }, seed) => {
      const pixels = randomBytes(w * h, seed)
      const bytes = resizeBilinear(pixels, w, h, 1, newW, newH)
      const floats = resizePlane(Float32Array.from(pixels), w, h, newW, newH)
      expect(bytes.every((v, i) => Math.abs(v - floats[i]!) <= 1.001)).toBe(true)
    }),
  )
})

test('integer weights of one output add up to one but for their rounding, and sums stay below 2^31', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20000 }), fc.integer({ min: 1, max: 50 }), (from, to) => {
      const axis = planBilinearAxis(from, to)
      const weights = toIntegerWeights(axis)
      for (let k = 0; k < to; k++) {
        const own = weights.subarray(k * axis.taps, k * axis.taps + axis.lengths[k]!)
        const total = own.reduce((sum, v) => sum + v, 0)
        expect(Math.abs(total - 2 ** weightBits)).toBeLessThanOrEqual(axis.lengths[k]! / 2)
        expect(total * 255 + 2 ** (weightBits - 1)).toBeLessThan(2 ** 31)
        expect(axis.starts[k]! + axis.lengths[k]!).toBeLessThanOrEqual(from)
      }
    }),
    { numRuns: 50 },
  )
})

test('shrinking to one pixel is the mean that a wide triangle gives, not one pixel picked', () => {
  const checkerboard = Uint8Array.from({ length: 64 * 64 }, (_, i) => ((i + (i >> 6)) % 2) * 255)
  expect(resizeBilinear(checkerboard, 64, 64, 1, 1, 1)[0]).toBeGreaterThan(125)
  expect(resizeBilinear(checkerboard, 64, 64, 1, 1, 1)[0]).toBeLessThan(130)
})

test('a strip a hundred times wider than high can be squeezed and stretched', () => {
  const strip = randomBytes(3000 * 2, 9)
  expect(resizeBilinear(strip, 3000, 2, 1, 3, 700).length).toBe(2100)
  expect(resizeBilinear(strip, 2, 3000, 1, 700, 3).length).toBe(2100)
})

test('aligned corners keep the corner values', () => {
  const plane = Float32Array.from({ length: 12 }, (_, i) => i)
  const resized = interpolateBilinear(plane, 3, 4, 7, 9, { alignCorners: true })
  expect([resized[0], resized[8], resized[6 * 9], resized[62]]).toEqual([0, 3, 8, 11])
})

test('where the last position of zoom overshoots, the border is kept unless scipy is asked for', () => {
  // 8 to 26 is such a pair: 25 * (7 / 25) is a little more than 7.
  const line = new Float32Array(8).fill(1)
  expect([...zoomLinear(line, 1, 8, 1, 26)].every((v) => v === 1)).toBe(true)
  const scipy = zoomLinear(line, 1, 8, 1, 26, { overshoot: 'zero' })
  expect([...scipy.subarray(0, 25)].every((v) => v === 1)).toBe(true)
  expect(scipy[25]).toBe(0)
})

test('zoomed lengths round halves to even', () => {
  expect([zoomedLength(5, 0.5), zoomedLength(7, 0.5), zoomedLength(9, 0.25), zoomedLength(1, 0.1)]).toEqual([
    2, 4, 2, 1,
  ])
})
