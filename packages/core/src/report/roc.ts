/**
 * The ROC curve of image scores with the point at which the model works.
 *
 * Equal scores are one step of the curve, so the area under it counts ties by half, as image AUROC does.
 */
import { formatShare } from './number.ts'
import { html, type Markup } from './markup.ts'

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

const size = 250
const margin = { left: 44, top: 26, right: 12, bottom: 42 }
const innerWidth = size - margin.left - margin.right
const innerHeight = size - margin.top - margin.bottom

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
  const x = (share: number): string => (margin.left + share * innerWidth).toFixed(2)
  const y = (share: number): string => (margin.top + (1 - share) * innerHeight).toFixed(2)
  const line = curve.map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.falseAlarms)} ${y(p.found)}`).join('')
  const here = operatingPoint(good, defect, threshold)
  const words = `${title}. At the threshold: ${formatShare(here.found)} of defects found, ${formatShare(here.falseAlarms)} of good parts flagged.`
  return html`<svg class="chart square" viewBox="0 0 ${size} ${size}" role="img" aria-label="${words}">
    <title>${words}</title>
    ${[0, 0.5, 1].map((t) => html`<line class="grid" x1="${x(t)}" x2="${x(t)}" y1="${y(0)}" y2="${y(1)}" /><line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(t)}" y2="${y(t)}" /><text class="tick" x="${x(t)}" y="${size - margin.bottom + 18}" text-anchor="${t === 1 ? 'end' : 'middle'}">${t * 100} %</text><text class="tick" x="${margin.left - 6}" y="${Number(y(t)) + 4}" text-anchor="end">${t * 100}</text>`)}
    <path class="diagonal" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" />
    <path class="area" d="${line}L${x(1)} ${y(0)}Z" />
    <path class="curve" d="${line}" />
    <circle class="here" cx="${x(here.falseAlarms)}" cy="${y(here.found)}" r="4.5" />
    <text class="label" x="${size - margin.right}" y="${size - 6}" text-anchor="end">good parts flagged</text>
    <text class="label" x="0" y="12">defects found, %</text>
  </svg>`
}
