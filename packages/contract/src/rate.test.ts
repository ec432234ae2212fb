import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatRate, parseRate, roundRateUp } from './rate.ts'

test.each([
  ['1 in 500', 0.002],
  ['1 IN 1,500', 1 / 1500],
  ['3 in 1000', 0.003],
  ['0.2%', 0.002],
  ['0.2 %', 0.002],
  ['.5', 0.5],
  ['2e-4', 0.0002],
  [' 0.05 ', 0.05],
])('"%s" is %s', (text, share) => {
  expect(parseRate(text)).toBeCloseTo(share, 12)
})

test.each([
  '',
  '0',
  '1',
  '100%',
  '0 in 5',
  '5 in 5',
  '1 in 0',
  '1 / 500',
  '-0.1',
  'one in ten',
  '0.1.2',
  'NaN',
])('"%s" is no rate', (text) => {
  expect(parseRate(text)).toBeUndefined()
})

test('a rate is shown as it is said where that is exact, else in percent', () => {
  expect([0.002, 0.05, 1 / 3, 1 / 12_345, 0.15, 0.003, 0.95].map(formatRate)).toEqual([
    '1 in 500',
    '1 in 20',
    '1 in 3',
    '1 in 12,345',
    '15 %',
    '0.3 %',
    '95 %',
  ])
})

test('a promise is rounded to the larger rate, and what is shown is read again', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-5, max: 0.98, noNaN: true }), (share) => {
      const rounded = roundRateUp(share)
      expect(rounded).toBeGreaterThanOrEqual(share * (1 - 1e-8))
      expect(rounded).toBeLessThanOrEqual(Math.max(share * 1.5, share + 0.01))
      expect(parseRate(formatRate(rounded))).toBeCloseTo(rounded, 9)
    }),
  )
})
