/**
 * The best F1 over all distinct thresholds: max of 2 TP / (2 TP + FP + FN), without an epsilon.
 *
 * Published code adds 1e-7, 1e-8 or 1e-10 to the denominator, or drops the last threshold; values then
 * differ in the seventh digit. Predictions are `score >= threshold`.
 */
import type { Ranking } from './ranking.ts'

export interface BestF1 {
  readonly value: number
  /** The highest threshold that reaches `value`. */
  readonly threshold: number
}

/** The best F1 in (0, 1] and where it is reached, or null without a positive. */
export function f1Max(ranking: Ranking): BestF1 | null {
  const { positives } = ranking
  if (positives === 0) return null
  let value = 0
  let threshold = Infinity
  ranking.walk((tp, fp, score) => {
    const f1 = (2 * tp) / (positives + tp + fp)
    if (f1 > value) {
      value = f1
      threshold = score
    }
  })
  return { value, threshold }
}
