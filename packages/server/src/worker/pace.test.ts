import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

test('the time left follows from the pace of this attempt alone', () => {
  let now = 0
  const pace = createPace(0.5, () => now)
  expect(pace.estimate(0.5)).toBeNull()
  now = 10_000
  // A tenth in ten seconds; four tenths are left.
  expect(pace.estimate(0.6)).toBeCloseTo(40)
})

test('nothing is said after a moment, or when nothing has moved', () => {
  let now = 1000
  const pace = createPace(0, () => now)
  expect(pace.estimate(0.2)).toBeNull()
  now = 60_000
  expect(pace.estimate(0.2)).toBeNull()
})
