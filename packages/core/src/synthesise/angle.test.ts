import { expect, test } from 'vitest'
import { arctangent, cosine, lengthOf, sine } from './angle.ts'
import { developed } from './camera.ts'

test('sine and cosine agree with those of the engine to 1e-10, far from zero too', () => {
  for (let k = -5000; k <= 5000; k++) {
    const angle = k * 0.0371
    expect(Math.abs(sine(angle) - Math.sin(angle))).toBeLessThan(1e-10)
    expect(Math.abs(cosine(angle) - Math.cos(angle))).toBeLessThan(1e-10)
  }
})

test('the arc tangent agrees with that of the engine in all quarters, on the axes and diagonals', () => {
  for (let x = -12; x <= 12; x++) {
    for (let y = -12; y <= 12; y++) expect(Math.abs(arctangent(y, x) - Math.atan2(y, x))).toBeLessThan(1e-10)
  }
  expect(arctangent(0, 0)).toBe(0)
  expect(lengthOf(3, -4)).toBe(5)
})

test('no step of the sRGB table lies so near a half that another engine could round it otherwise', () => {
  for (let i = 0; i <= 4095; i++) {
    const value = developed(i / 4095)
    expect(Math.abs(value - Math.floor(value) - 0.5)).toBeGreaterThan(1e-6)
  }
})
