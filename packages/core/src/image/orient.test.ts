import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Orientation } from './image.ts'
import { swapsSides, toOrientation, turnUpright } from './orient.ts'

// The EXIF definition: where the stored picture's first row and first column appear when upright.
const places: Readonly<
  Record<Orientation, (x: number, y: number, w: number, h: number) => [number, number]>
> = {
  1: (x, y) => [x, y], // first row on top, first column left
  2: (x, y, w) => [w - 1 - x, y], // top, right
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y], // bottom, right
  4: (x, y, _w, h) => [x, h - 1 - y], // bottom, left
  5: (x, y) => [y, x], // left, top
  6: (x, y, _w, h) => [h - 1 - y, x], // right, top
  7: (x, y, w, h) => [h - 1 - y, w - 1 - x], // right, bottom
  8: (x, y, w) => [y, w - 1 - x], // left, bottom
}

const orientation = fc.constantFrom<Orientation>(1, 2, 3, 4, 5, 6, 7, 8)

test('every stored pixel lands where EXIF says', () => {
  fc.assert(
    fc.property(
      orientation,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 3),
      (o, w, h, channels) => {
        const stored = Uint16Array.from({ length: w * h * channels }, (_, i) => i + 1)
        const upright = turnUpright(stored, w, h, channels, o)
        const outWidth = swapsSides(o) ? h : w
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++) {
            const [toX, toY] = places[o](x, y, w, h)
            for (let c = 0; c < channels; c++)
              expect(upright[(toY * outWidth + toX) * channels + c]).toBe(stored[(y * w + x) * channels + c])
          }
      },
    ),
  )
})

test('orientations that do not exist count as upright', () => {
  expect([undefined, 0, 9, 1.5, -1, NaN].map(toOrientation)).toEqual([1, 1, 1, 1, 1, 1])
  expect(toOrientation(8)).toBe(8)
})
