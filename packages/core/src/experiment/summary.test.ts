import { expect, test } from 'vitest'
import { medianOf, rowLabel, summariseRows } from './summary.ts'
import { rowOf } from './testing/row.ts'

test('mean and deviation of a sample over the seeds', () => {
  const rows = [0.9, 0.92, 0.97].map((imageAuroc, seed) => rowOf({ seed, imageAuroc }))
  const [variant] = summariseRows(rows)
  const cell = variant?.lines[0]?.cells.imageAuroc
  expect(cell?.mean).toBeCloseTo(0.93, 12)
  // ((.03)^2 + (.01)^2 + (.04)^2) / 2
  expect(cell?.deviation).toBeCloseTo(Math.sqrt(0.0013), 12)
  expect(variant?.lines[0]?.seeds).toBe(3)
  expect(variant?.mean).toBeNull()
})

test('one seed has no deviation, and a row without the number leaves the cell empty', () => {
  const [single] = summariseRows([rowOf({ imageAuroc: 0.9 })])
  expect(single?.lines[0]?.cells.imageAuroc).toEqual({ mean: 0.9, deviation: null })
  const [gap] = summariseRows([rowOf({ imageAuroc: 0.9 }), rowOf({ imageAuroc: null, seed: 1 })])
  expect(gap?.lines[0]?.cells.imageAuroc).toBeNull()
})

test('the line of means takes the seeds that every set has, and each seed as a whole', () => {
  const rows = [
    rowOf({ set: 'a', seed: 0, imageAuroc: 0.8 }),
    rowOf({ set: 'a', seed: 1, imageAuroc: 1 }),
    rowOf({ set: 'b', seed: 0, imageAuroc: 1 }),
    rowOf({ set: 'b', seed: 1, imageAuroc: 0.8 }),
    // Only one set has this seed.
    rowOf({ set: 'b', seed: 2, imageAuroc: 0 }),
  ]
  const [variant] = summariseRows(rows)
  expect(variant?.mean?.seeds).toBe(2)
  expect(variant?.mean?.cells.imageAuroc?.mean).toBeCloseTo(0.9, 12)
  // Both repetitions have the same mean, however far the sets are apart.
  expect(variant?.mean?.cells.imageAuroc?.deviation).toBeCloseTo(0, 12)
})

test('false alarms and misses are shares of what was tested', () => {
  const row = rowOf({ goodPassed: 9, goodFlagged: 1, defectsFound: 3, defectsMissed: 1 })
  const [variant] = summariseRows([row])
  expect(variant?.lines[0]?.cells.goodFlaggedShare?.mean).toBe(0.1)
  expect(variant?.lines[0]?.cells.defectsMissedShare?.mean).toBe(0.25)
  const [empty] = summariseRows([rowOf({ goodPassed: 0, goodFlagged: 0 })])
  expect(empty?.lines[0]?.cells.goodFlaggedShare).toBeNull()
})

test('two recipes of one name are not averaged together', () => {
  const rows = [rowOf({ recipe: 'one', imageAuroc: 0.8 }), rowOf({ recipe: 'two', imageAuroc: 1 })]
  expect(summariseRows(rows).map((v) => v.variant)).toEqual(['cras fast net one', 'cras fast net two'])
  expect(summariseRows(rows.slice(1)).map((v) => v.variant)).toEqual(['cras fast net'])
})

test('a set of several products shows which', () => {
  expect(rowLabel(rowOf({ products: 2, product: 'lid' }))).toBe('caps / lid')
  expect(rowLabel(rowOf({ product: 'lid' }))).toBe('caps')
})

test('the median is the middle, or between the middle two', () => {
  expect(medianOf([])).toBeNull()
  expect(medianOf([3, 1, 2])).toBe(2)
  expect(medianOf([4, 1, 3, 2])).toBe(2.5)
})
