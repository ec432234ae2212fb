import { expect, test } from 'vitest'
import { countOf, decimalsFor, formatCount, formatScore, formatShare } from './number.ts'

test('all scores of a column get the decimals that its largest needs', () => {
  expect(decimalsFor([2.05, 0.3])).toBe(3)
  expect(decimalsFor([205.3, 0.3])).toBe(1)
  expect(decimalsFor([12345])).toBe(0)
  expect(decimalsFor([0.00021])).toBe(6)
  expect(decimalsFor([])).toBe(2)
  expect(decimalsFor([NaN, 0])).toBe(2)
})

test('scores have a true minus sign, and zero has none', () => {
  expect(formatScore(-1.5, 2)).toBe('−1.50')
  expect(formatScore(-0.001, 2)).toBe('0.00')
  expect(formatScore(Infinity, 2)).toBe('∞')
  expect(formatScore(NaN, 2)).toBe('not a number')
})

test('counts are grouped and shares are percentages', () => {
  expect(formatCount(1234567)).toBe('1\u202f234\u202f567')
  expect(formatCount(999)).toBe('999')
  expect(formatShare(0.1234)).toBe('12.3\u00a0%')
  expect(countOf(1, 'image')).toBe('1 image')
  expect(countOf(2000, 'image')).toBe('2\u202f000 images')
})
