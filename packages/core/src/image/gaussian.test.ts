import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { gaussianFilter, gaussianKernel, smoothInpMap } from './gaussian.ts'

const side = fc.integer({ min: 1, max: 30 })
const sigma = fc.double({ min: 0.3, max: 6, noNaN: true })

test('a constant map stays constant, also where the kernel is wider than the picture', () => {
  fc.assert(
    fc.property(side, side, sigma, (h, w, s) => {
      const smooth = gaussianFilter(new Float32Array(h * w).fill(0.7), h, w, s)
      expect(smooth.every((v) => Math.abs(v - Math.fround(0.7)) <= 1.2e-7)).toBe(true)
    }),
  )
})

test('mirrored borders lose nothing: the sum of a map stays', () => {
  fc.assert(
    fc.property(side, side, sigma, fc.nat(899), (h, w, s, at) => {
      const map = new Float32Array(h * w)
      map[at % map.length] = 1
      const total = gaussianFilter(map, h, w, s).reduce((sum, v) => sum + v, 0)
      expect(total).toBeCloseTo(1, 5)
    }),
  )
})

test('a point becomes the kernel in both directions', () => {
  const map = new Float32Array(41 * 41)
  map[20 * 41 + 20] = 1
  const smooth = gaussianFilter(map, 41, 41, 2)
  const kernel = gaussianKernel(2)
  expect(kernel.length).toBe(17)
  for (let k = 0; k < 17; k++) {
    expect(smooth[20 * 41 + 12 + k]).toBeCloseTo(kernel[k]! * kernel[8]!, 7)
    expect(smooth[(12 + k) * 41 + 20]).toBeCloseTo(kernel[k]! * kernel[8]!, 7)
  }
})

test('a sigma that is not positive is a fault of ours', () => {
  expect(() => gaussianKernel(0)).toThrow('internal:')
  expect(() => gaussianKernel(NaN)).toThrow('internal:')
})

test('the INP smoothing sees zeros outside, so a constant map darkens at its border only', () => {
  const smooth = smoothInpMap(new Float32Array(9 * 9).fill(1), 9, 9)
  expect(smooth[4 * 9 + 4]).toBeCloseTo(1, 6)
  expect(smooth[2 * 9 + 2]).toBeCloseTo(1, 6)
  expect(smooth[0]).toBeLessThan(0.5)
  expect(smooth[4 * 9]).toBeLessThan(0.7)
})
