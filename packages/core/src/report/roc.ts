/**
 * The ROC curve of image scores with the point at which the model works.
 *
 * Equal scores are one step of the curve, so the area under it counts ties by half, as image AUROC does.
 */
import { formatShare } from './number.ts'
import { html, type Markup } from './markup.ts'
import { squareChart, type CurvePoint } from './square-chart.ts'

export interface RocPoint {
  /** Share of good images that are flagged. */
  readonly falseAlarms: number
  /** Share of defects that are found. */
  readonly found: number
}

/** From (0, 0) to (1, 1), one point per different score. Empty when either kind is missing. */
export function rocCurve(good: readonly number[], defect: readonly number[]): RocPoint[] {
  if (good.length === 0 || defect.length === 0) return []
  const scored = [...good.map((s) => [s, 0] as const), ...defect.map((s) => [s, 1] as const)]
  scored.sort((a, b) => b[0] - a[0])
  const points: RocPoint[] = [{ falseAlarms: 0, found: 0 }]
  let flagged = 0
  let found = 0
  for (const [i, [score, isDefect]] of scored.entries()) {
    if (isDefect === 1) found++
    else flagged++
    if (scored[i + 1]?.[0] === score) continue
    points.push({ falseAlarms: flagged / good.length, found: found / defect.length })
  }
  return points
}

/** Shares of images above the threshold. */
export function operatingPoint(
  good: readonly number[],
  defect: readonly number[],
  threshold: number,
): RocPoint {
  const share = (scores: readonly number[]): number =>
    scores.length === 0 ? 0 : scores.filter((s) => s > threshold).length / scores.length
  return { falseAlarms: share(good), found: share(defect) }
}

/** SVG, 250 x 250 units; a sentence instead where the data cannot give a curve. */
export function rocChart(
  good: readonly number[],
  defect: readonly number[],
  threshold: number,
  title: string,
): Markup {
  const curve = rocCurve(good, defect)
  if (curve.length === 0) {
    return html`<p class="note">A ROC curve needs good images and defects in the test data.</p>`
  }
  const here = operatingPoint(good, defect, threshold)
  return squareChart({
    curve: curve.map(toPoint),
    xLabel: 'good parts flagged',
    yLabel: 'defects found',
    here: toPoint(here),
    hasDiagonal: true,
    words: `${title}. At the threshold: ${formatShare(here.found)} of defects found, ${formatShare(here.falseAlarms)} of good parts flagged.`,
  })
}

function toPoint({ falseAlarms, found }: RocPoint): CurvePoint {
  return { x: falseAlarms, y: found }
}
