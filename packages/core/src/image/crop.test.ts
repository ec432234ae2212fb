import { expect, test } from 'vitest'
import { centreCrop, centreCropStart, shortSideSize } from './crop.ts'
import { roundHalfEven } from './rounding.ts'

test('halves are rounded to even, as Python does', () => {
  expect([0.5, 1.5, 2.5, 20.5, 21.5, -1.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 20, 22, -2, 2, 3])
})

test('the crop starts where torchvision starts it', () => {
  expect([centreCropStart(329, 288), centreCropStart(331, 288), centreCropStart(448, 392)]).toEqual([
    20, 22, 28,
  ])
})

test('the long side is truncated, not rounded', () => {
  expect(shortSideSize(2448, 2048, 512)).toEqual({ width: 612, height: 512 })
  expect(shortSideSize(1400, 1900, 256)).toEqual({ width: 256, height: 347 })
  expect(shortSideSize(5, 1000, 3)).toEqual({ width: 3, height: 600 })
})

test('a picture that is smaller on one side only is padded there and cropped elsewhere', () => {
  const pixels = Uint8Array.from({ length: 5 * 2 }, (_, i) => i + 1)
  expect([...centreCrop(pixels, 5, 2, 1, 3, 5)]).toEqual([0, 0, 0, 2, 3, 4, 7, 8, 9, 0, 0, 0, 0, 0, 0])
})

test('the channels of a cropped pixel stay together', () => {
  const pixels = Uint8Array.from({ length: 3 * 3 * 3 }, (_, i) => i)
  expect([...centreCrop(pixels, 3, 3, 3, 1, 1)]).toEqual([12, 13, 14])
})
