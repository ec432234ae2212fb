import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundRate, imagesNeeded, mostAbove } from './promise.ts'

// scipy 1.17.1, beta.ppf(confidence, above + 1, images - above)
test.each([
  [0, 1, 0.95, 0.95],
  [0, 23, 0.95, 0.12212338890652302],
  [1, 23, 0.95, 0.19020396669201167],
  [22, 23, 0.95, 0.9977723416875942],
  [3, 60, 0.95, 0.12418721047743608],
  [2, 1497, 0.95, 0.004199576820515653],
  [50, 1000, 0.99, 0.06840489369563105],
  [4999, 10_000, 0.9, 0.5063573416724771],
])('%s of %s images above bound the rate with confidence %s by %s', (above, images, confidence, expected) => {
  // Sums of thousands of logarithms keep 11 digits.
  expect(Math.abs(boundRate(above, images, confidence) / expected - 1)).toBeLessThan(1e-11)
})

test('when all lie above nothing is promised', () => {
  expect([boundRate(5, 5, 0.95), boundRate(1, 1, 0.5)]).toEqual([1, 1])
})

test('so many images can promise a rate, and one fewer cannot', () => {
  expect(imagesNeeded(0.002, 0.95)).toBe(1497)
  expect(imagesNeeded(0.05, 0.95)).toBe(59)
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.constantFrom(0.8, 0.95, 0.99),
      (rate, c) => {
        const needed = imagesNeeded(rate, c)
        expect(mostAbove(needed, rate, c)).toBeGreaterThanOrEqual(0)
        expect(mostAbove(needed - 1, rate, c)).toBe(-1)
      },
    ),
  )
})

test('the number that may lie above is the largest whose bound keeps the rate', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.double({ min: 0.005, max: 0.5, noNaN: true }),
      (n, rate) => {
        const slow =
          Array.from({ length: n }, (_, m) => m).findLast((m) => boundRate(m, n, 0.95) <= rate) ?? -1
        expect(mostAbove(n, rate, 0.95)).toBe(slow)
      },
    ),
    { numRuns: 30 },
  )
})
