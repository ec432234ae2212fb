import { expect, test } from 'vitest'
import { computeDrift } from './drift.ts'
import { mannWhitney } from './mann-whitney.ts'

// By scipy 1.17.1: mannwhitneyu(a, b, method='asymptotic').pvalue
test('the test of Mann and Whitney gives what scipy gives', () => {
  const cases: readonly (readonly [number[], number[], number])[] = [
    [[1, 2, 3, 4, 5], [3, 4, 5, 6, 7], 0.11384629800665805],
    [[0.1, 0.5, 0.5, 0.9], [0.5, 0.7, 1.1], 0.3590120537864294],
    [
      [
        2, -2.6, 0.4, -0.6, -0.5, -0.2, -2, -0.2, -0.9, 3.3, 0.2, -0.4, -0.3, -0.7, -1.1, -0.4, 0.5, -0.2, 1,
        -0.2, 0, 1.5, 0.5, -0.5, -0.2, 0.5, 1.9, -0.3, -0.2, 1,
      ],
      [
        0.6, 1.2, 2.4, 2.1, 1.6, 2.2, -1.3, 2.5, 0.5, -0.2, 1.8, 2.2, 1.1, 0.4, 1.5, 1.4, 2.9, 2.2, 1.7, 2.6,
        1.3, 0.6, 2.1, 2.1, 1.3,
      ],
      1.0759587772503068e-5,
    ],
  ]
  for (const [a, b, p] of cases) expect(mannWhitney(a, b)).toBeCloseTo(p, 12)
  expect(mannWhitney([1, 1], [1, 1])).toBeNull()
  expect(mannWhitney([], [1])).toBeNull()
})

/** Scores that differ a little, around the calibrated score `centre`. */
function scores(count: number, centre: number, from = 0) {
  return Array.from({ length: count }, (_, i) => ({
    at: new Date(1_800_000_000_000 + (from + i) * 60_000),
    calibrated: 1 / (1 + Math.exp(-(Math.log(centre / (1 - centre)) + Math.sin(i * 12.9898) * 0.5))),
    verdict: centre > 0.5 ? 'defect' : 'good',
  }))
}

test('scores that stay where they were give no advice', () => {
  const drift = computeDrift(scores(400, 0.1))
  expect(drift.advice).toBeNull()
  expect(drift.points.reduce((sum, { images }) => sum + images, 0)).toBe(400)
  expect(drift.pValue).toBeGreaterThan(0.01)
})

test('scores that rise are seen, with a proposal', () => {
  const drift = computeDrift([...scores(200, 0.1), ...scores(200, 0.3, 200)])
  expect(drift.shift).toBeGreaterThan(1)
  expect(drift.pValue).toBeLessThan(1e-6)
  expect(drift.advice).toContain('risen')
  expect(computeDrift([...scores(200, 0.3), ...scores(200, 0.1, 200)]).advice).toContain('fallen')
})

test('a few scores say nothing yet', () => {
  expect(computeDrift(scores(20, 0.1))).toMatchObject({ shift: null, pValue: null, advice: null })
  expect(computeDrift([])).toEqual({ points: [], shift: null, pValue: null, advice: null })
})
