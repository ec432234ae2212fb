import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ticksBetween } from './axis.ts'

test('ticks are round and lie between the ends', () => {
  expect(ticksBetween(0.72, 1.07, 8)).toEqual([0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05])
  expect(ticksBetween(39, 86, 5)).toEqual([40, 50, 60, 70, 80])
})

test('any range has a sensible number of ticks inside it', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(number, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
      const ticks = ticksBetween(low, low + span, 6)
      expect(ticks.length).toBeLessThanOrEqual(8)
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(low - span * 1e-3)
        expect(tick).toBeLessThanOrEqual(low + span * 1.001)
      }
    }),
  )
})

test('a range of nothing has one tick', () => {
  expect(ticksBetween(3, 3, 5)).toEqual([3])
})
