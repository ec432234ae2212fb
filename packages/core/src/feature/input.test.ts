import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Image } from '../image/index.ts'
import { drawPicture } from '../testing/picture.ts'
import { testRecipe } from '../testing/recipe.ts'
import { planInput, prepareInput } from './input.ts'

const whole = testRecipe({ input: { pixels: 102_400 } }).input
const cropped = testRecipe({ input: { fit: 'short-side-crop', resize: 80, crop: 64 } }).input

test('the input keeps aspect ratio and area as far as multiples of 32 allow', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9000 }),
      fc.integer({ min: 1, max: 9000 }),
      fc.integer({ min: 64 * 64, max: 1024 * 1024 }),
      (height, width, pixels) => {
        const size = planInput([{ height, width }], { ...whole, pixels })
        const exact = {
          height: Math.sqrt((pixels * height) / width),
          width: Math.sqrt((pixels * width) / height),
        }
        for (const side of ['height', 'width'] as const) {
          expect(size[side] % 32).toBe(0)
          expect(size[side]).toBeGreaterThanOrEqual(32)
          if (exact[side] >= 32) expect(Math.abs(size[side] - exact[side])).toBeLessThanOrEqual(16 + 1e-9)
        }
      },
    ),
  )
})

test('a square picture of 320 pixels is taken as it is, a landscape one lies', () => {
  expect(planInput([{ height: 700, width: 700 }], whole)).toEqual({ height: 320, width: 320, window: null })
  expect(planInput([{ height: 768, width: 1024 }], whole)).toEqual({ height: 288, width: 384, window: null })
})

test('a line-scan picture of 1 to 100 gets a side of 32 and an area that can be run', () => {
  expect(planInput([{ height: 100, width: 10_000 }], whole)).toEqual({
    height: 32,
    width: 3200,
    window: null,
  })
  expect(planInput([{ height: 10_000, width: 100 }], whole)).toEqual({
    height: 3200,
    width: 32,
    window: null,
  })
})

test('pictures of several sizes get the median aspect ratio, and one odd picture does not matter', () => {
  const square = { height: 500, width: 500 }
  const odd = { height: 100, width: 5000 }
  expect(planInput([square, odd, square, square, odd], whole)).toEqual({
    height: 320,
    width: 320,
    window: null,
  })
})

test('the published crop does not depend on the pictures', () => {
  expect(planInput([{ height: 10, width: 999 }], cropped)).toEqual({ height: 64, width: 64, window: null })
})

test('the whole picture is the box, whatever its size', () => {
  const image = drawPicture({ width: 70, height: 33, seed: 1 })
  const input = prepareInput(image, { height: 64, width: 96 }, whole)
  expect(input.box).toEqual({ x: 0, y: 0, width: 70, height: 33 })
  expect([input.height, input.width, input.pixels.length]).toEqual([64, 96, 64 * 96 * 3])
})

test('a picture of the size of the input goes in untouched', () => {
  const image = drawPicture({ width: 96, height: 64, seed: 2 })
  expect(prepareInput(image, { height: 64, width: 96 }, whole).pixels).toEqual(image.pixels)
})

test('a 16-bit grey picture becomes three equal channels by its high byte', () => {
  const image: Image = {
    width: 2,
    height: 1,
    channels: 1,
    depth: 16,
    pixels: Uint16Array.of(0x1234, 0xffff),
  }
  const { pixels } = prepareInput(image, { height: 1, width: 2 }, whole)
  expect(new Set(pixels.slice(0, 3)).size).toBe(1)
  expect(pixels[0]).toBeGreaterThanOrEqual(0x12)
  expect(pixels[0]).toBeLessThanOrEqual(0x13)
  expect(pixels.slice(3)).toEqual(Uint8Array.of(255, 255, 255))
})

test('the box of a crop is where the crop lies in the picture', () => {
  const marked = new Uint8Array(200 * 100 * 3)
  // The scale is 100 / 80, so the crop of 64 shows 80 x 80 pixels in the middle.
  for (let y = 10; y < 90; y++) marked.fill(255, (y * 200 + 60) * 3, (y * 200 + 140) * 3)
  const image: Image = { width: 200, height: 100, channels: 3, depth: 8, pixels: marked }
  const { box, pixels, height, width } = prepareInput(image, { height: 64, width: 64 }, cropped)
  expect([height, width]).toEqual([64, 64])
  expect(box).toEqual({ x: 60, y: 10, width: 80, height: 80 })
  // Only the outermost rows and columns mix with what lies outside.
  for (const [y, x] of [
    [2, 2],
    [2, 61],
    [61, 2],
    [61, 61],
  ] as const)
    expect(pixels[(y * 64 + x) * 3]).toBe(255)
  const { pixels: dark } = prepareInput(
    { ...image, pixels: marked.map((v) => 255 - v) },
    { height: 64, width: 64 },
    cropped,
  )
  expect(dark[(32 * 64 + 32) * 3]).toBe(0)
})

test('the square crop squeezes a picture first, so that it shows as much of both sides', () => {
  const squeezed = { ...cropped, fit: 'square-crop' as const }
  // 64 of 80 columns and rows after scaling.
  const image: Image = {
    width: 200,
    height: 80,
    channels: 3,
    depth: 8,
    pixels: Uint8Array.from({ length: 200 * 80 * 3 }, (_, i) => Math.floor(i / 3) % 200),
  }
  const { box, pixels, height, width } = prepareInput(image, { height: 64, width: 64 }, squeezed)
  expect([height, width]).toEqual([64, 64])
  expect(box).toEqual({ x: 20, y: 8, width: 160, height: 64 })
  // Column k of the crop is column k + 8 of 80, which lies at 2.5 (k + 8.5) - 0.5 of 200.
  for (const k of [0, 31, 63])
    expect(Math.abs((pixels[(40 * 64 + k) * 3] ?? 0) - (2.5 * (k + 8.5) - 0.5))).toBeLessThanOrEqual(1)
  expect(planInput([{ height: 10, width: 999 }], squeezed)).toEqual({ height: 64, width: 64, window: null })
})

test('a crop larger than the scaled picture is padded, and its box reaches over the border', () => {
  const image = drawPicture({ width: 40, height: 40, seed: 3 })
  const input = { ...cropped, resize: 40, crop: 64 }
  const { box, pixels } = prepareInput(image, { height: 64, width: 64 }, input)
  expect(box).toEqual({ x: -12, y: -12, width: 64, height: 64 })
  expect(pixels.slice(0, 12 * 64 * 3).every((v) => v === 0)).toBe(true)
  expect(pixels.slice((12 * 64 + 12) * 3, (12 * 64 + 52) * 3)).toEqual(image.pixels.slice(0, 40 * 3))
})
