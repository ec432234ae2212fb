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
import { createAreaBelow } from './area-below.ts'
import type { PixelRanking } from './pixel-ranking.ts'

/** AU-PRO in [0, 1] at each limit in (0, 1], or null without a region or without a pixel outside. */
export function aupro(ranking: PixelRanking, limits: readonly number[]): (number | null)[] {
  const { negatives, regions } = ranking
  const below = createAreaBelow(limits)
  if (regions === 0 || negatives === 0) return limits.map(() => null)
  ranking.walk((_tp, fp, _score, overlap) => {
    below.step(Math.min(1, Math.fround(Math.fround(fp) / negatives)), Math.min(1, overlap / regions))
  })
  below.step(1, 1)
  return below.areas()
}
