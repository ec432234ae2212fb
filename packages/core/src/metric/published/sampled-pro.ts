/**
 * The per-region overlap curve at about 200 equally spaced thresholds, as published code samples it in place
 * of the exact curve of `aupro.ts`.
 *
 * Thresholds are those of numpy.arange(lowest, end, (highest - lowest) / 200) under NumPy 1, which the
 * published code was written for: the step is a float64 quotient of a float32 difference, and a score is
 * compared with a threshold rounded to float32. The count may come out as 200 or 201 by rounding. Predictions
 * are `score > threshold`; regions are 8-connected and weigh the same.
 */
import type { PixelRanking } from '../pixel-ranking.ts'

/** A point of the curve, without normalisation. */
export interface ProPoint {
  /** Pixels outside regions that score above the threshold. */
  readonly falsePositives: number
  readonly pro: number
}

/** 200 or 201 thresholds from `lowest`, below `end`; none when all scores are equal. */
export function spaceThresholds(lowest: number, highest: number, end: number): Float32Array {
  const step = Math.fround(highest - lowest) / 200
  const count = Math.ceil((end === highest ? Math.fround(end - lowest) : end - lowest) / step)
  if (!Number.isFinite(count)) return new Float32Array(0)
  // numpy.arange adds multiples of the difference between its first two numbers.
  const apart = lowest + step - lowest
  return Float32Array.from({ length: count }, (_, i) => lowest + i * apart)
}

/** The curve at `thresholds`, which rise; the points come by falling threshold. */
export function samplePro(ranking: PixelRanking, thresholds: Float32Array): ProPoint[] {
  const points: ProPoint[] = []
  let before: ProPoint = { falsePositives: 0, pro: 0 }
  let next = thresholds.length - 1
  ranking.walkEvery((_tp, falsePositives, score, overlap) => {
    for (; next >= 0 && score <= thresholds[next]!; next--) points.push(before)
    before = { falsePositives, pro: overlap / ranking.regions }
  })
  for (; next >= 0; next--) points.push(before)
  return points
}

/** The extremes of the scores. */
export function findExtremes(ranking: PixelRanking): { lowest: number; highest: number } {
  let highest = NaN
  let lowest = NaN
  ranking.walkEvery((_tp, _fp, score) => {
    if (Number.isNaN(highest)) highest = score
    lowest = score
  })
  return { lowest, highest }
}

/** Trapezoids through points whose x rises. */
export function trapezoids(x: readonly number[], y: readonly number[]): number {
  let area = 0
  for (let i = 1; i < x.length; i++) area += 0.5 * (x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)
  return area
}
