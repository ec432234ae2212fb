/**
 * Average precision: the mean of precision over recall, as steps: sum of (R_n - R_(n-1)) * P_n over
 * falling distinct thresholds.
 *
 * Equals sklearn.metrics.average_precision_score. Not the trapezoid under the precision-recall curve
 * ("AUPR" of several papers), which reads higher on small sets.
 */
import type { Ranking } from './ranking.ts'

/** Average precision in (0, 1], or null without a positive (scikit-learn says 0 and warns). */
export function averagePrecision(ranking: Ranking): number | null {
  const { positives } = ranking
  if (positives === 0) return null
  let sum = 0
  let tpBefore = 0
  ranking.walk((tp, fp) => {
    sum += (tp - tpBefore) * (tp / (tp + fp))
    tpBefore = tp
  })
  return Math.min(1, sum / positives)
}
