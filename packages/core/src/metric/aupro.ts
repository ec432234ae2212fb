/**
 * Area under the per-region overlap curve, as the official MVTec AD evaluation computes it.
 *
 * PRO at a threshold is the mean over all ground-truth regions of the share of the region that scores at
 * least as high; every region of the product weighs the same, whatever its size or image. It is drawn
 * over the false positive rate of all pixels outside regions, good images included, at all distinct
 * scores, and integrated by trapezoids up to `limit` (with a point interpolated there), divided by
 * `limit`. Regions are 8-connected, any non-zero mask value is foreground.
 *
 * The official code keeps false positive rates in float32 (count rounded, then the quotient rounded);
 * that is repeated here so that values agree beyond 2^24 pixels too. Quotients round as with NumPy 2.
 * Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021.
 */
import type { PixelRanking } from './pixel-ranking.ts'

/** AU-PRO in [0, 1] at each limit in (0, 1], or null without a region or without a pixel outside. */
export function aupro(ranking: PixelRanking, limits: readonly number[]): (number | null)[] {
  const { negatives, regions } = ranking
  for (const limit of limits) {
    if (!(limit > 0 && limit <= 1)) throw new Error(`internal: an AU-PRO limit of ${limit} is not in (0, 1]`)
  }
  if (regions === 0 || negatives === 0) return limits.map(() => null)
  const area = new Float64Array(limits.length)
  const closed = new Uint8Array(limits.length)
  let fprBefore = 0
  let proBefore = 0
  const step = (fpr: number, pro: number): void => {
    for (let k = 0; k < limits.length; k++) {
      if (closed[k] === 1) continue
      const limit = limits[k]!
      if (fpr <= limit) {
        area[k] = area[k]! + 0.5 * (fpr - fprBefore) * (pro + proBefore)
        continue
      }
      closed[k] = 1
      if (fprBefore === limit) continue
      const proAtLimit = proBefore + ((pro - proBefore) * (limit - fprBefore)) / (fpr - fprBefore)
      area[k] = area[k]! + 0.5 * (limit - fprBefore) * (proAtLimit + proBefore)
    }
    fprBefore = fpr
    proBefore = pro
  }
  ranking.walk((_tp, fp, _score, overlap) => {
    step(Math.min(1, Math.fround(Math.fround(fp) / negatives)), Math.min(1, overlap / regions))
  })
  step(1, 1)
  return limits.map((limit, k) => Math.min(1, area[k]! / limit))
}
