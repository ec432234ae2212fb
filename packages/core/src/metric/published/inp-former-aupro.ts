/**
 * `inp-former-aupro`: AU-PRO as the CPU path of INP-Former computes it (CVPR 2025, utils.py, commented out in
 * favour of `inp-former-adeval`).
 *
 * Differs from AU-PRO: 200 thresholds in place of all scores, `>` in place of `>=`; of the curve only points
 * below a false positive rate of 0.3 are used, nothing is interpolated at the limit, and the rates are divided
 * by the largest that is left. No point at rate 0 is added unless a threshold gives one. Maps are 256 x 256,
 * made from the 392 crop, so defects at the border do not count.
 */
import type { PixelRanking } from '../pixel-ranking.ts'
import { findExtremes, samplePro, spaceThresholds, trapezoids, type ProPoint } from './sampled-pro.ts'

/** The area in [0, 1], or null where the published code fails: without a region, or without two points. */
export function inpFormerAupro(ranking: PixelRanking): number | null {
  if (ranking.regions === 0 || ranking.negatives === 0) return null
  const { lowest, highest } = findExtremes(ranking)
  return areaBelow30(samplePro(ranking, spaceThresholds(lowest, highest, highest)), ranking.negatives)
}

/** The area over rates below 0.3 after division by the largest of them. */
export function areaBelow30(points: readonly ProPoint[], negatives: number): number | null {
  const inside = points.filter(({ falsePositives }) => falsePositives / negatives < 0.3)
  const largest = (inside.at(-1)?.falsePositives ?? 0) / negatives
  if (inside.length < 2 || largest === 0) return null
  return trapezoids(
    inside.map(({ falsePositives }) => falsePositives / negatives / largest),
    inside.map(({ pro }) => pro),
  )
}
