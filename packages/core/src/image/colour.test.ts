import { expect, test } from 'vitest'
import { cmykToRgb, swapRedBlue, toGrey8, toRgb8 } from './colour.ts'
import type { Image } from './image.ts'

const grey16 = (...values: number[]): Image => ({
  width: values.length,
  height: 1,
  channels: 1,
  depth: 16,
  pixels: Uint16Array.from(values),
})

test('16-bit white becomes 255 and black 0, and the values between are rounded', () => {
  const { pixels } = toGrey8(grey16(0, 128, 129, 385, 386, 32767, 32768, 65406, 65407, 65535))
  expect([...pixels]).toEqual([0, 0, 1, 1, 2, 127, 128, 254, 255, 255])
})

test('every 16-bit value becomes the nearest 8-bit one', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
  const { pixels } = toGrey8({ width: 256, height: 256, channels: 1, depth: 16, pixels: all })
  expect(pixels.every((v, i) => v === Math.round(i / 257))).toBe(true)
})

test('a 12-bit camera in 16-bit files is not read as darkness', () => {
  expect([...toGrey8(grey16(0, 2048, 4095, 5000), { white: 4095 }).pixels]).toEqual([0, 128, 255, 255])
})

test('grey is repeated into three equal channels', () => {
  const rgb = toRgb8({ width: 2, height: 1, channels: 1, depth: 8, pixels: Uint8Array.of(7, 200) })
  expect(rgb).toEqual({
    width: 2,
    height: 1,
    channels: 3,
    depth: 8,
    pixels: Uint8Array.of(7, 7, 7, 200, 200, 200),
  })
})

test('luma has the weights of PIL', () => {
  // Image.convert('L') of the primaries, white and one mixed colour.
  const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 12, 200, 99)
  expect([...toGrey8({ width: 5, height: 1, channels: 3, depth: 8, pixels }).pixels]).toEqual([
    76, 150, 29, 255, 132,
  ])
})

test('exchanging red and blue twice changes nothing', () => {
  const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6)
  expect(swapRedBlue(pixels)).toEqual(Uint8Array.of(3, 2, 1, 6, 5, 4))
  expect(swapRedBlue(swapRedBlue(pixels))).toEqual(pixels)
})

test('no ink is white, full black is black whatever the other inks', () => {
  expect([...cmykToRgb(Uint8Array.of(0, 0, 0, 0, 9, 99, 200, 255), 2, 1)]).toEqual([255, 255, 255, 0, 0, 0])
})
