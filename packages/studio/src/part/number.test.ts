import { expect, test } from 'vitest'
import { countOf, formatBytes, formatDuration, formatRate, formatScore } from './number.ts'

test('scores keep four places whatever their size', () => {
  expect([0.81812, 78.384, 0.00001, 123456, 0, null].map(formatScore)).toEqual([
    '0.8181',
    '78.38',
    '1.00e-5',
    '1.23e+5',
    '0',
    '–',
  ])
})

test('rates are said as in a factory', () => {
  expect([0.002, 0.05, 0, 1].map(formatRate)).toEqual(['1 in 500', '1 in 20', 'none', '1 in 1'])
})

test('bytes and times have the unit in which they are small', () => {
  expect([12, 2048, 3.5 * 2 ** 20, 22 * 2 ** 20].map(formatBytes)).toEqual([
    '12 B',
    '2.0 KB',
    '3.5 MB',
    '22 MB',
  ])
  expect([4.4, 89, 300, 7200].map(formatDuration)).toEqual(['4 s', '89 s', '5 min', '2.0 h'])
})

test('one is singular', () => {
  expect([countOf(1, 'picture'), countOf(2, 'picture')]).toEqual(['1 picture', '2 pictures'])
})
