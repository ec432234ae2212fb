/**
 * AUROC up to a false positive rate: the area under the curve left of a limit, the curve interpolated there.
 *
 * Two normalisations are in use and give very different figures, so the caller names one. `limit`: area /
 * limit, as AU-PRO and most papers on anomaly detection; a ranking by chance reads limit / 2. `mcclish`: the
 * same area stretched so that chance reads 0.5 and perfection 1 (McClish 1989); equals
 * sklearn.metrics.roc_auc_score(max_fpr=limit). Ties as in `auroc`.
 */
import type { Ranking } from './ranking.ts'

export type PartialNormalisation = 'limit' | 'mcclish'

/** Partial AUROC in [0, 1] for a limit in (0, 1], or null without a positive or without a negative. */
export function partialAuroc(
  ranking: Ranking,
  limit: number,
  normalisation: PartialNormalisation,
): number | null {
  const { positives, negatives } = ranking
  if (!(limit > 0 && limit <= 1)) throw new Error(`internal: an AUROC limit of ${limit} is not in (0, 1]`)
  if (positives === 0 || negatives === 0) return null
  const last = limit * negatives
  let doubledArea = 0
  let tpBefore = 0
  let fpBefore = 0
  ranking.walk((tp, fp) => {
    if (fpBefore >= last) return
    if (fp <= last) {
      doubledArea += (fp - fpBefore) * (tp + tpBefore)
    } else {
      const tpAtLast = tpBefore + ((tp - tpBefore) * (last - fpBefore)) / (fp - fpBefore)
      doubledArea += (last - fpBefore) * (tpAtLast + tpBefore)
    }
    tpBefore = tp
    fpBefore = fp
  })
  const area = doubledArea / 2 / positives / negatives
  if (normalisation === 'limit' || limit === 1) return Math.min(1, area / limit)
  const byChance = (limit * limit) / 2
  return Math.min(1, 0.5 * (1 + (area - byChance) / (limit - byChance)))
}
