/**
 * Precision over recall of image scores, with the point at which the model works.
 *
 * Points are joined by steps, as average precision sums them: between two thresholds there is nothing to
 * interpolate. Equal scores are one step.
 */
import { html, type Markup } from './markup.ts'
import { formatShare } from './number.ts'
import { squareChart, type CurvePoint } from './square-chart.ts'

/** One point per different score, recall rising; empty without a defect. */
export function precisionRecallCurve(good: readonly number[], defect: readonly number[]): CurvePoint[] {
  if (defect.length === 0) return []
  const scored = [...good.map((s) => [s, 0] as const), ...defect.map((s) => [s, 1] as const)]
  scored.sort((a, b) => b[0] - a[0])
  const points: CurvePoint[] = []
  let found = 0
  for (const [i, [score, isDefect]] of scored.entries()) {
    found += isDefect
    if (scored[i + 1]?.[0] === score) continue
    points.push({ x: found / defect.length, y: found / (i + 1) })
  }
  return points
}

/** The corners of the steps: each recall is reached at the precision of its threshold. */
export function toSteps(points: readonly CurvePoint[]): CurvePoint[] {
  const steps: CurvePoint[] = []
  let before = 0
  for (const { x, y } of points) {
    if (x > before || steps.length === 0) steps.push({ x: before, y })
    steps.push({ x, y })
    before = x
  }
  return steps
}

/** SVG, 250 x 250 units; a sentence instead where the data cannot give a curve. */
export function precisionRecallChart(
  good: readonly number[],
  defect: readonly number[],
  threshold: number,
  title: string,
): Markup {
  const curve = precisionRecallCurve(good, defect)
  if (curve.length === 0 || good.length === 0)
    return html`<p class="note">A precision-recall curve needs good images and defects in the test data.</p>`
  const found = defect.filter((s) => s > threshold).length
  const flagged = found + good.filter((s) => s > threshold).length
  const here = { x: found / defect.length, y: flagged === 0 ? 1 : found / flagged }
  return squareChart({
    curve: toSteps(curve),
    xLabel: 'defects found (recall)',
    yLabel: 'precision',
    here,
    words: `${title}. At the threshold: ${formatShare(here.x)} of defects found, ${formatShare(here.y)} of flagged parts are defects.`,
  })
}
