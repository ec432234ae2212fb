import { expect, test } from 'vitest'
import { drawZones } from './draw.ts'

const grey = (value: number, width: number) => ({
  width,
  height: 1,
  channels: 3 as const,
  depth: 8 as const,
  pixels: new Uint8Array(3 * width).fill(value),
})

test('what is inspected stays as it is, what is not is darker, and the border between is lighter', () => {
  const image = grey(100, 4)
  const { pixels } = drawZones(image, Uint8Array.of(0, 0, 1, 1))
  expect([pixels[0], pixels[9]]).toEqual([55, 100])
  expect(pixels[6]).toBeGreaterThan(100)
  expect(image.pixels.every((v) => v === 100)).toBe(true)
})

test('zones of another size are a fault of ours', () => {
  expect(() => drawZones(grey(1, 4), new Uint8Array(3))).toThrow('internal')
})
