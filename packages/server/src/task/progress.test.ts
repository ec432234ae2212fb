import { expect, test } from 'vitest'
import { createProgress } from './progress.ts'

test('stages count by their weight, skipped ones as done, and the share never falls', () => {
  const progress = createProgress({ read: 1, compare: 4, learn: 5 })
  expect(progress.report('read', 1, 2)).toEqual({ stage: 'read', share: 0.05, loss: null })
  expect(progress.report('learn', 1, 5, 0.7)).toEqual({ stage: 'learn', share: 0.6, loss: 0.7 })
  // A stage that comes again, as for the next product.
  expect(progress.report('read', 0, 2)).toEqual({ stage: 'read', share: 0.6, loss: 0.7 })
  expect(progress.report('unheard of', 1, 2).share).toBe(0.6)
  expect(progress.report('learn', 9, 5).share).toBe(1)
  expect(progress.report('learn', 0, 0).share).toBe(1)
})
