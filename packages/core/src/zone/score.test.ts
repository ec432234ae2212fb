import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scoreZones } from './score.ts'

test('the score is the mean of the strangest share of the pixels of the zone', () => {
  const value = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    fc.constantFrom(0, -0, 1),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 80 }),
      fc.constantFrom(0, 0.01, 0.3, 1),
      (pixels, share) => {
        const map = Float32Array.from(pixels, ([v]) => v)
        const plane = Uint8Array.from(pixels, ([, label]) => label)
        const found = scoreZones(map, plane, share)
        for (let label = 1; label < 5; label++) {
          const own = [...map].filter((_, i) => plane[i] === label).sort((a, b) => b - a)
          const top = own.slice(0, Math.max(1, Math.floor(own.length * share)))
          if (own.length === 0) {
            expect(found[label]).toBeUndefined()
            continue
          }
          const mean = top.reduce((sum, v) => sum + v, 0) / top.length
          expect(found[label]?.peak).toBe(own[0] === 0 ? found[label]?.peak : own[0])
          // The same numbers summed in another order.
          expect(Math.abs((found[label]?.score ?? NaN) - mean)).toBeLessThan(1e-6)
        }
      },
    ),
  )
})

test('what lies outside the zones does not count', () => {
  expect(scoreZones(Float32Array.of(1, 900, 2), Uint8Array.of(1, 0, 1), 0)[1]).toEqual({ score: 2, peak: 2 })
})
