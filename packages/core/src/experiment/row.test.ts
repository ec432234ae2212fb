import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { benchColumns, parseRows, printRows, rowKey, type BenchRow } from './row.ts'
import { rowOf } from './testing/row.ts'

test('what is written is read again, whatever the sets and machines are called', () => {
  const text = fc.string({ maxLength: 20 })
  const share = fc.option(fc.integer({ min: 0, max: 100_000 }).map((n) => n / 100_000))
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text, text, share, share), { maxLength: 5 }), (given) => {
      const rows = given.map(([set, product, machine, imageAuroc, pixelAp]) =>
        rowOf({ set, product, machine, imageAuroc, pixelAp, steps: 300, trainSeconds: 1.25 }),
      )
      expect(parseRows(printRows(rows), 'runs.csv')).toEqual(rows)
    }),
  )
})

test('a number that the data cannot give is an empty cell, not a zero', () => {
  const [row] = parseRows(printRows([rowOf({ aupro30: null, segF1: 0 })]), 'runs.csv')
  expect(row?.aupro30).toBeNull()
  expect(row?.segF1).toBe(0)
})

test('a table of somebody else is refused, not overwritten', () => {
  expect(() => parseRows('date,amount\r\n1,2\r\n', 'runs.csv')).toThrow('runs.csv exists already')
  expect(parseRows('', 'runs.csv')).toEqual([])
})

test.each([
  [(text: string) => text.replace(',abc,', ',abc,x'), 'line 2, column "seed": "x0" is not a number'],
  [(text: string) => text.replace('caps,', ''), 'line 2: there are'],
  [(text: string) => `${text}"`, 'line 3: a quote is not closed'],
])('a damaged table is refused with the place', (damage, place) => {
  expect(() => parseRows(damage(printRows([rowOf({})])), 'runs.csv')).toThrow(place)
})

test('runs differ by set, method, profile, backbone, recipe and seed, and by nothing else', () => {
  const key = (values: Partial<BenchRow>): string => rowKey(rowOf(values))
  const other = [
    { set: 'b' },
    { method: 'b' },
    { profile: 'b' },
    { backbone: 'b' },
    { recipe: 'b' },
    { seed: 1 },
  ]
  expect(new Set([key({}), ...other.map(key)]).size).toBe(other.length + 1)
  expect(key({ product: 'lid', imageAuroc: 0.5, threads: 4 })).toBe(key({}))
  // A set called like another with its method behind it.
  expect(key({ set: 'a b', method: 'c' })).not.toBe(key({ set: 'a', method: 'b c' }))
})

test('every column of the table is there once', () => {
  expect(new Set(benchColumns).size).toBe(benchColumns.length)
  expect(Object.keys(rowOf({})).toSorted()).toEqual([...benchColumns].toSorted())
})
