/**
 * Thresholds from good images: where to draw the line for a rate of false alarms, and what can be promised of it.
 */
import { calibrate, poolScores, type Calibration } from './threshold.ts'
import { boundRate, mostAbove } from './promise.ts'

export interface Aim {
  /** Share of good images that may lie above the threshold. */
  readonly rate: number
  /** Share of them above the lower end of the unsure band; null for none. */
  readonly unsure: number | null
  /** Of the promise. */
  readonly confidence: number
  /** The threshold keeps the rate with this confidence if the images allow it, not only on average. */
  readonly isKept: boolean
}

export interface Limit extends Calibration {
  /** Lower end of the unsure band, on the raw scale. */
  readonly unsure: number | null
  /** The rate that is kept with the confidence of the aim. */
  readonly promised: number
}

/**
 * Sets a threshold. `heldOut` are scores of good images that nothing was learned from, at least one; `leftOut` those
 * of training images judged without themselves, which tell the spread. Promises rest on `heldOut` alone.
 */
export function setLimit(heldOut: readonly number[], leftOut: readonly number[], aim: Aim): Limit {
  const pooled = poolScores(heldOut, leftOut)
  const { threshold: average, scale } = calibrate(pooled, aim.rate)
  const n = heldOut.length
  const sorted = heldOut.toSorted((a, b) => a - b)
  const { isKept, confidence } = aim
  // How many held-out images are to lie above is settled before any of them is looked at.
  const planned = isKept
    ? Math.max(0, mostAbove(n, aim.rate, confidence))
    : Math.min(n, Math.max(0, n - 1 - Math.floor((1 - aim.rate) * (n + 1) - 1)))
  const threshold = isKept ? Math.max(average, sorted[n - 1 - planned] ?? average) : average
  const unsure = aim.unsure === null ? null : Math.min(threshold, calibrate(pooled, aim.unsure).threshold)
  return {
    threshold,
    scale,
    unsure,
    promised: promise(sorted, threshold, planned, confidence, leftOut.length > 0),
  }
}

/**
 * Without other scores the threshold never lies below the order statistic that was planned. With them it may, and
 * the number above it is then seen only afterwards: each number beyond the plan has its own, rarer bound, and all of
 * them together fail in no more than 1 - confidence.
 */
function promise(
  heldOut: readonly number[],
  threshold: number,
  planned: number,
  confidence: number,
  isPooled: boolean,
): number {
  const n = heldOut.length
  const beyond = Math.max(0, heldOut.filter((s) => s > threshold).length - planned)
  const failing = isPooled ? (1 - confidence) * 0.9 * 0.1 ** beyond : 1 - confidence
  return boundRate(Math.min(n, planned + beyond), n, 1 - failing)
}
