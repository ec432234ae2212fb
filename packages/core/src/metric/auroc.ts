/**
 * Area under the receiver operating characteristic: the chance that a defect scores higher than a good
 * sample, a tie counting one half.
 *
 * Trapezoids over all distinct thresholds, from (0, 0); equals sklearn.metrics.roc_auc_score. Counts are
 * exact up to 2^53; only the final sum and division round.
 */
import type { Ranking } from './ranking.ts'

/** AUROC in [0, 1], or null without a positive or without a negative. */
export function auroc(ranking: Ranking): number | null {
  const { positives, negatives } = ranking
  if (positives === 0 || negatives === 0) return null
  let doubledArea = 0
  let tpBefore = 0
  let fpBefore = 0
  ranking.walk((tp, fp) => {
    doubledArea += (fp - fpBefore) * (tp + tpBefore)
    tpBefore = tp
    fpBefore = fp
  })
  return Math.min(1, doubledArea / 2 / positives / negatives)
}
