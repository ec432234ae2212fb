import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { exposePixels, varyExposure } from './exposure.ts'

const grey = (value: number, length: number): Uint8Array => new Uint8Array(length).fill(value)

test('pixels are multiplied by a power of two, cut, moved by the noise, cut again and truncated', () => {
  const noise = Float32Array.of(0, 0, 0.9, -0.1, -300, 300, 10)
  const pixels = Uint8Array.of(100, 250, 100, 100, 200, 10, 250)
  // 2^0.2 is 1.1487; 250 * 1.1487 is cut to 255 before the noise comes.
  expect([...exposePixels(pixels, 0.2, noise)]).toEqual([114, 255, 115, 114, 0, 255, 255])
  expect([...exposePixels(Uint8Array.of(250), 0.2, Float32Array.of(-10))]).toEqual([245])
  expect([...exposePixels(Uint8Array.of(100), -0.2, Float32Array.of(0))]).toEqual([87])
})

test('about half of the pictures are left as they are, the others lie within the exposures', () => {
  const pictures = 400
  const means: number[] = []
  for (let i = 0; i < pictures; i++) {
    const pixels = grey(120, 900)
    const varied = varyExposure(pixels, createRandom(3, 'exposure', i))
    if (varied === pixels) continue
    means.push(varied.reduce((a, b) => a + b, 0) / varied.length)
  }
  // Four standard deviations of a fair coin.
  expect(Math.abs(means.length - pictures / 2)).toBeLessThan(4 * Math.sqrt(pictures / 4))
  // Truncation takes half a step; the mean of 900 noises has a deviation of 0.5.
  expect(Math.min(...means)).toBeGreaterThan(120 * 2 ** -0.2 - 3)
  expect(Math.max(...means)).toBeLessThan(120 * 2 ** 0.2 + 2)
  expect(Math.max(...means) - Math.min(...means)).toBeGreaterThan(25)
})

test('the noise has the published deviation, and every channel its own', () => {
  const random = createRandom(1, 'exposure')
  let varied = grey(128, 30_000)
  while (varied.every((v) => v === 128)) varied = varyExposure(grey(128, 30_000), random)
  const mean = varied.reduce((a, b) => a + b, 0) / varied.length
  const deviation = Math.sqrt(varied.reduce((sum, v) => sum + (v - mean) ** 2, 0) / varied.length)
  expect(deviation).toBeGreaterThan(14.6)
  expect(deviation).toBeLessThan(15.4)
  const equal = Array.from({ length: 10_000 }, (_, i) => varied[3 * i] === varied[3 * i + 1])
  expect(equal.filter(Boolean).length).toBeLessThan(500)
})

test('equal seeds give equal pictures', () => {
  const pixels = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
  for (let i = 0; i < 4; i++)
    expect(varyExposure(pixels, createRandom(2, 'e', i))).toEqual(
      varyExposure(pixels, createRandom(2, 'e', i)),
    )
})
