import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom, type Random } from '../random.ts'
import { setLimit, type Aim } from './limit.ts'
import { imagesNeeded } from './promise.ts'
import { calibrate, poolScores } from './threshold.ts'

interface Distribution {
  /** From a uniform number to a score. */
  readonly draw: (u: number) => number
  /** Share of scores above a threshold. */
  readonly above: (threshold: number) => number
}

const clip = (share: number): number => Math.min(1, Math.max(0, share))
const distributions: Readonly<Record<string, Distribution>> = {
  logistic: { draw: (u) => Math.log(u / (1 - u)), above: (t) => 1 / (1 + Math.exp(t)) },
  exponential: { draw: (u) => -Math.log(1 - u), above: (t) => clip(Math.exp(-t)) },
  'heavy-tailed': { draw: (u) => (1 - u) ** -0.5, above: (t) => (t < 1 ? 1 : t ** -2) },
  'two-peaked': {
    draw: (u) => (u < 0.97 ? u : u + 5),
    above: (t) => 1 - clip(t < 0.97 ? t : t < 5.97 ? 0.97 : t - 5),
  },
  'ten-valued': { draw: (u) => Math.floor(10 * u), above: (t) => clip(1 - (Math.floor(t) + 1) / 10) },
}

const aimAt = (rate: number, confidence: number, unsure: number | null = null): Aim => ({
  rate,
  unsure,
  confidence: confidence === 0 ? 0.95 : confidence,
  isKept: confidence > 0,
})

const draws = 800
/** Of 800 draws, 5 % failing gives 40 and no more than 3.3 standard deviations above. */
const mostFailing = 0.05 + 3.3 * Math.sqrt((0.05 * 0.95) / draws)

const scoresOf = (random: Random, { draw }: Distribution, n: number): number[] =>
  Array.from({ length: n }, () => draw(random.float64()))

test.each(
  Object.keys(distributions).flatMap(
    (name) =>
      [
        [name, 8, 0.05, 0],
        [name, 23, 0.05, 0],
        [name, 60, 0.05, 0],
        [name, 200, 0.05, 0],
        [name, 60, 0.1, 0.95],
      ] as const,
  ),
)(
  '%s scores, %s images at a rate of %s (kept with confidence %s, 0 for on average), the promise is broken in at most one draw of twenty',
  (name, n, rate, confidence) => {
    const distribution = distributions[name] as Distribution
    const random = createRandom(11, 'promise', name, n)
    let broken = 0
    for (let i = 0; i < draws; i++) {
      const { threshold, promised } = setLimit(scoresOf(random, distribution, n), [], aimAt(rate, confidence))
      if (distribution.above(threshold) > promised + 1e-12) broken++
    }
    expect(broken / draws).toBeLessThan(mostFailing)
  },
)

test.each([
  ['logistic', 6, 1, 0.5],
  ['logistic', 23, 0.6, -1],
  ['logistic', 60, 0.3, -1],
  ['heavy-tailed', 23, 0.5, 0],
  ['heavy-tailed', 60, 0.1, 0],
  ['two-peaked', 23, 0.1, 0.4],
] as const)(
  'training pictures that score otherwise do not break the promise: %s, %s held out, %s times as spread',
  (name, n, times, plus) => {
    const distribution = distributions[name] as Distribution
    const random = createRandom(12, 'pooled promise', name, n)
    let broken = 0
    for (let i = 0; i < draws; i++) {
      const leftOut = scoresOf(random, distribution, 64).map((s) => times * s + plus)
      const { threshold, promised } = setLimit(scoresOf(random, distribution, n), leftOut, aimAt(0.05, 0))
      if (distribution.above(threshold) > promised + 1e-12) broken++
    }
    expect(broken / draws).toBeLessThan(mostFailing)
  },
)

test('with confidence and enough images the stated rate itself is kept', () => {
  for (const rate of [0.05, 0.1, 0.3]) {
    const n = imagesNeeded(rate, 0.95)
    const scores = scoresOf(createRandom(3, 'enough', n), distributions['logistic'] as Distribution, n)
    expect(setLimit(scores, [], aimAt(rate, 0.95)).promised).toBeLessThanOrEqual(rate)
    expect(setLimit(scores.slice(1), [], aimAt(rate, 0.95)).promised).toBeGreaterThan(rate)
  }
})

test('of thirteen hundred images the threshold that is kept is an order statistic well inside', () => {
  const scores = Array.from({ length: 1300 }, (_, i) => i)
  const { threshold, promised } = setLimit(scores, [], aimAt(0.05, 0.95))
  const above = 1299 - threshold
  // Binomial: of 1,300 at 5 % no more than 51 lie above in one of twenty cases.
  expect(above).toBe(51)
  expect(promised).toBeLessThanOrEqual(0.05)
})

test('without confidence the threshold is the one that is right on average, as before', () => {
  const random = createRandom(4, 'average')
  const heldOut = scoresOf(random, distributions['logistic'] as Distribution, 7)
  const leftOut = scoresOf(random, distributions['logistic'] as Distribution, 40)
  const { threshold, scale } = setLimit(heldOut, leftOut, aimAt(0.05, 0))
  expect({ threshold, scale }).toEqual(calibrate(poolScores(heldOut, leftOut), 0.05))
})

test('the unsure band ends at the threshold, whatever the scores and the confidence', () => {
  const score = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 })
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1, maxLength: 60 }),
      fc.array(score, { maxLength: 60 }),
      fc.constantFrom(0, 0.9, 0.99),
      (heldOut, leftOut, confidence) => {
        const limit = setLimit(heldOut, leftOut, aimAt(0.02, confidence, 0.2))
        expect(limit.unsure).not.toBeNull()
        expect(limit.unsure ?? Infinity).toBeLessThanOrEqual(limit.threshold)
        expect(limit.promised).toBeGreaterThan(0)
        expect(limit.promised).toBeLessThanOrEqual(1)
        const kept = setLimit(heldOut, leftOut, aimAt(0.02, 0.9))
        expect(kept.unsure).toBeNull()
        expect(kept.threshold).toBeGreaterThanOrEqual(setLimit(heldOut, leftOut, aimAt(0.02, 0)).threshold)
      },
    ),
  )
})
