/**
 * From the scores of held-out good images to a threshold and a common scale.
 *
 * The rule sees good images only. See docs/decisions for the comparison of rules.
 */

export interface Calibration {
  /** On the raw scale; above it is a defect. */
  readonly threshold: number
  /** calibrated = sigmoid((raw - threshold) / scale) */
  readonly scale: number
}

/**
 * Threshold that about a share `falseAlarms` of good images exceed.
 *
 * With enough scores to see the quantile it is the empirical one, interpolated between order statistics
 * of n + 1 intervals; with fewer it is extrapolated: mean + t-quantile * deviation * sqrt(1 + 1/n), the
 * prediction bound of a normal sample, but never below the largest score seen.
 */
export function calibrate(scores: readonly number[], falseAlarms: number): Calibration {
  const n = scores.length
  if (n === 0) throw new Error('internal: no held-out scores to calibrate on')
  const sorted = [...scores].sort((a, b) => a - b)
  const mean = scores.reduce((sum, s) => sum + s, 0) / n
  const spread = deviation(scores, mean)
  const rank = (1 - falseAlarms) * (n + 1) - 1
  const largest = sorted[n - 1] ?? mean
  let threshold: number
  if (rank <= n - 1) {
    const below = Math.max(0, Math.floor(rank))
    const low = sorted[below] ?? largest
    const high = sorted[Math.min(below + 1, n - 1)] ?? largest
    threshold = low + (high - low) * (rank - below)
  } else {
    threshold = Math.max(
      largest,
      mean + studentQuantile(1 - falseAlarms, n - 1) * spread * Math.sqrt(1 + 1 / n),
    )
  }
  return { threshold, scale: Math.max(spread, Math.abs(threshold) * 1e-3, 1e-6) }
}

/**
 * Held-out scores together with those of training pictures judged without their own patches. The latter are
 * moved up by as much as their mean lies below that of the held-out ones; never down. A single one that would
 * be moved is left out: at the mean of the others it would only make them look alike.
 */
export function poolScores(heldOut: readonly number[], leftOut: readonly number[]): number[] {
  const move = poolingMove(heldOut, leftOut)
  if (leftOut.length === 1 && move > 0) return [...heldOut]
  return [...heldOut, ...leftOut.map((score) => score + move)]
}

/** How far the scores of left-out pictures have to be moved up to lie where the held-out ones do; never down. */
export function poolingMove(heldOut: readonly number[], leftOut: readonly number[]): number {
  if (heldOut.length === 0 || leftOut.length === 0) return 0
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  return Math.max(0, mean(heldOut) - mean(leftOut))
}

/** 0 to 1; 0.5 at the threshold. */
export function toCalibrated(raw: number, { threshold, scale }: Calibration): number {
  return 1 / (1 + Math.exp(-(raw - threshold) / scale))
}

/** Sample standard deviation; with a single score, a tenth of its size stands in. */
function deviation(scores: readonly number[], mean: number): number {
  if (scores.length < 2) return Math.abs(mean) * 0.1
  return Math.sqrt(scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (scores.length - 1))
}

/**
 * Quantile of Student's t: Cornish-Fisher expansion about the normal (Abramowitz and Stegun 26.7.5).
 * Within 1 % for 4 or more degrees of freedom and p up to 0.999; below 4 the closed forms for 1 and 2.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees <= 1) return Math.tan(Math.PI * (p - 0.5))
  if (degrees === 2) return (2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p)))
  const x = normalQuantile(p)
  const v = degrees
  const g1 = (x ** 3 + x) / 4
  const g2 = (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96
  const g3 = (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384
  const g4 = (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92160
  return x + g1 / v + g2 / v ** 2 + g3 / v ** 3 + g4 / v ** 4
}

/** Quantile of the standard normal by Newton steps on its distribution function; 1e-9. */
export function normalQuantile(p: number): number {
  let x = 0
  for (let i = 0; i < 100; i++) {
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
    const step = Math.max(-0.5, Math.min(0.5, (normalShare(x) - p) / density))
    x -= step
    if (Math.abs(step) < 1e-12) break
  }
  return x
}

/** Share of a standard normal below x, by the series of Marsaglia 2004. */
function normalShare(x: number): number {
  let term = x
  let sum = x
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && i < 400; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
