/**
 * `robis-aupro`: AU-PRO as RoBiS computes it (VAND 3.0 challenge 2025, utils/eval.py).
 *
 * As `inp-former-aupro`, but the last threshold is the highest score itself, which adds a point at rate 0.
 * RoBiS feeds it smoothed binary masks of 518 x 518, brought to [0, 1] over the whole test split first: with
 * `normaliseForRobis`, since thresholds are equal steps of the scores.
 */
import type { PixelRanking } from '../pixel-ranking.ts'
import { areaBelow30 } from './inp-former-aupro.ts'
import { findExtremes, samplePro, spaceThresholds } from './sampled-pro.ts'

/** The area in [0, 1], or null where the published code fails: without a region, or without two points. */
export function robisAupro(ranking: PixelRanking): number | null {
  if (ranking.regions === 0 || ranking.negatives === 0) return null
  const { lowest, highest } = findExtremes(ranking)
  return areaBelow30(samplePro(ranking, spaceThresholds(lowest, highest, highest + 1e-8)), ranking.negatives)
}

/** A map brought to [0, 1] in float32 by the extremes of all maps of the product. */
export function normaliseForRobis(map: Float32Array, lowest: number, highest: number): Float32Array {
  const range = Math.fround(Math.fround(highest - lowest) + 1e-8)
  return map.map((score) => Math.fround(score - lowest) / range)
}
