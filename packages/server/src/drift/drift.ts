/**
 * Whether the scores of a model wander: a lamp that ages, a lens that gathers dust, another batch.
 *
 * The last scores are compared with the first ones of the same model. Both may hold defects, which is why medians and
 * ranks are used. Calibrated scores are taken back to the scale of the raw ones, on which distances mean something.
 */
import type { Drift } from '@assay/contract/api'
import type { ScorePoint } from '../store/index.ts'
import { mannWhitney } from './mann-whitney.ts'

/** So many of the last scores are looked at. */
export const mostScores = 5000

const fewest = 30
const most = 300
const mostPoints = 40
const fewestPerPoint = 5
/** Advice is given when the shift is real and large enough to matter. */
const alarmingP = 0.001
const alarmingShift = 1

/** Of scores in the order of their time. */
export function computeDrift(scores: readonly ScorePoint[]): Omit<Drift, 'model'> {
  const points = toPoints(scores)
  const size = Math.min(most, Math.floor(scores.length / 2))
  if (size < fewest) return { points, shift: null, pValue: null, advice: null }
  const first = scores.slice(0, size).map(toLogit)
  const last = scores.slice(-size).map(toLogit)
  const centre = quantile(first, 0.5)
  const spread =
    1.4826 *
    quantile(
      first.map((v) => Math.abs(v - centre)),
      0.5,
    )
  const distance = quantile(last, 0.5) - centre
  const shift = spread > 0 ? distance / spread : null
  const pValue = mannWhitney(first, last)
  return { points, shift, pValue, advice: adviseOn(shift, pValue) }
}

function adviseOn(shift: number | null, pValue: number | null): string | null {
  if (shift === null || pValue === null || pValue > alarmingP || Math.abs(shift) < alarmingShift) return null
  const size = Math.abs(shift).toFixed(1)
  return shift > 0
    ? `Scores have risen by ${size} of their usual spread: more good parts will be called defect. If the parts are still good, calibrate on recent good pictures.`
    : `Scores have fallen by ${size} of their usual spread: defects may be missed. Look at light, focus and camera, then calibrate on recent good pictures.`
}

function toPoints(scores: readonly ScorePoint[]): Drift['points'] {
  const count = Math.min(mostPoints, Math.floor(scores.length / fewestPerPoint))
  return Array.from({ length: count }, (_, i) => {
    const part = scores.slice(
      Math.floor((i * scores.length) / count),
      Math.floor(((i + 1) * scores.length) / count),
    )
    const values = part.map(({ calibrated }) => calibrated)
    return {
      from: (part[0]?.at ?? new Date(0)).toISOString(),
      images: part.length,
      median: quantile(values, 0.5),
      q10: quantile(values, 0.1),
      q90: quantile(values, 0.9),
      defects: part.filter(({ verdict }) => verdict === 'defect').length,
    }
  })
}

function toLogit({ calibrated }: ScorePoint): number {
  const p = Math.min(Math.max(calibrated, 1e-15), 1 - 1e-15)
  return Math.log(p / (1 - p))
}

/** By linear interpolation between the order statistics. */
function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? 0
  const high = sorted[Math.ceil(at)] ?? low
  return low + (high - low) * (at - Math.floor(at))
}
