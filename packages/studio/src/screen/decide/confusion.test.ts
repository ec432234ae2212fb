import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { confuse, scoresOf, thresholdFor, type Scored } from './confusion.ts'

const scored = (label: 'good' | 'defect', ...scores: number[]): Scored[] =>
  scores.map((score, i) => ({ image: `${label} ${i}`, label, defect: null, score }))

describe('a threshold', () => {
  test('calls a score above it a defect, and one that equals it good', () => {
    const now = confuse([...scored('good', 1, 2), ...scored('defect', 2, 3)], 2)
    expect(now).toMatchObject({
      found: 1,
      missed: 1,
      falseAlarms: 0,
      passed: 2,
      foundShare: 0.5,
      precision: 1,
    })
  })

  test('without defects there is no share of found ones, rather than none', () => {
    expect(confuse(scored('good', 1), 5)).toMatchObject({
      foundShare: null,
      precision: null,
      falseAlarmShare: 0,
    })
  })

  test('taken for a rate lets no more good pictures through than the rate allows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        (scores, rate) => {
          const threshold = thresholdFor(scores, rate) ?? NaN
          expect(confuse(scored('good', ...scores), threshold).falseAlarmShare).toBeLessThanOrEqual(rate)
        },
      ),
    )
    expect(thresholdFor([], 0.1)).toBeNull()
  })
})

test('the scores of a zone leave out pictures that it was not measured on', () => {
  const images = [
    { image: 'a', label: 'good' as const, defect: null, score: 1, zones: { rim: 0.5 } },
    { image: 'b', label: 'good' as const, defect: null, score: 2, zones: {} },
  ]
  expect(scoresOf(images, 'rim').map(({ score }) => score)).toEqual([0.5])
  expect(scoresOf(images, '').map(({ score }) => score)).toEqual([1, 2])
})
