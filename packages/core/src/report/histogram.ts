/**
 * Histogram of image scores with the threshold: good images above the line, defects below it.
 *
 * The two kinds lie on different sides of the axis, so that colour is not needed to tell them apart.
 * Scores far above the threshold are gathered in the last bar, else one outlier would flatten the place
 * that matters.
 */
import { axisTicks } from './axis.ts'
import { formatScore } from './number.ts'
import { html, type Markup } from './markup.ts'

export interface Histogram {
  readonly good: readonly number[]
  readonly defect: readonly number[]
  readonly threshold: number
  readonly decimals: number
}

const width = 640
const height = 250
const margin = { left: 44, right: 12, top: 26, bottom: 42 }

/** SVG, 640 x 250 units. Scores that are not finite are left out. */
export function histogramChart(data: Histogram, title: string): Markup {
  const good = data.good.filter(Number.isFinite)
  const defect = data.defect.filter(Number.isFinite)
  const { low, high, gathered } = histogramRange(good, defect, data.threshold)
  const bins = 40
  const binWidth = (high - low) / bins
  const up = binCounts(good, low, binWidth, bins)
  const down = binCounts(defect, low, binWidth, bins)
  const tallest = Math.max(1, ...up, ...down)
  const innerWidth = width - margin.left - margin.right
  const middle = margin.top + (height - margin.top - margin.bottom) / 2
  const half = middle - margin.top - 4
  const x = (score: number): number => margin.left + ((score - low) / (high - low)) * innerWidth
  const bar = (count: number, i: number, side: 'good' | 'defect'): Markup => {
    if (count === 0) return html``
    const h = Math.max(1.5, (count / tallest) * half)
    const y = side === 'good' ? middle - h - 0.5 : middle + 0.5
    return html`<rect
      class="${side}"
      x="${(x(low + i * binWidth) + 0.5).toFixed(2)}"
      y="${y.toFixed(2)}"
      width="${(innerWidth / bins - 1).toFixed(2)}"
      height="${h.toFixed(2)}"
    />`
  }
  const limit = x(data.threshold)
  const anchor = limit > width - 120 ? 'end' : 'start'
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${[middle - half, middle + half].map((y) => html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y}" y2="${y}" /><text class="tick" x="${margin.left - 6}" y="${y + 4}" text-anchor="end">${tallest}</text>`)}
    ${up.map((n, i) => bar(n, i, 'good'))}${down.map((n, i) => bar(n, i, 'defect'))}
    <line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${middle}" y2="${middle}" />
    ${axisTicks(low, high, 7).map((tick) => html`<line class="tick" x1="${x(tick).toFixed(2)}" x2="${x(tick).toFixed(2)}" y1="${height - margin.bottom}" y2="${height - margin.bottom + 4}" /><text class="tick" x="${x(tick).toFixed(2)}" y="${height - margin.bottom + 18}" text-anchor="middle">${formatTick(tick)}</text>`)}
    <line
      class="axis faint"
      x1="${margin.left}"
      x2="${width - margin.right}"
      y1="${height - margin.bottom}"
      y2="${height - margin.bottom}"
    />
    <text class="label" x="${width - margin.right}" y="${height - 6}" text-anchor="end">
      ${gathered ? 'score (last bar: everything higher)' : 'score'}
    </text>
    <text class="side" x="0" y="${middle - half / 2}">good</text>
    <text class="side" x="0" y="${middle + half / 2 + 8}">defect</text>
    <text class="label" x="0" y="12">images</text>
    <line
      class="limit"
      x1="${limit.toFixed(2)}"
      x2="${limit.toFixed(2)}"
      y1="${margin.top - 8}"
      y2="${height - margin.bottom}"
    />
    <text
      class="limit"
      x="${(limit + (anchor === 'start' ? 5 : -5)).toFixed(2)}"
      y="${margin.top - 2}"
      text-anchor="${anchor}"
    >
      threshold ${formatScore(data.threshold, data.decimals)}
    </text>
  </svg>`
}

/** The scores that the axis spans; `gathered` says that higher ones fall into the last bar. */
export function histogramRange(
  good: readonly number[],
  defect: readonly number[],
  threshold: number,
): { low: number; high: number; gathered: boolean } {
  const all = [...good, ...defect, threshold]
  const low = all.reduce((a, b) => Math.min(a, b))
  const largest = all.reduce((a, b) => Math.max(a, b))
  const goodReach = good.reduce((a, b) => Math.max(a, b), threshold)
  const enough = threshold + Math.max(3 * (threshold - low), 1.1 * (goodReach - threshold))
  const gathered = enough > threshold && largest > enough
  let high = gathered ? enough : largest
  if (!(high > low)) high = low + (Math.abs(low) || 1)
  return { low, high, gathered }
}

/** How many scores fall into each bin; those outside count in the first and the last. */
export function binCounts(scores: readonly number[], low: number, binWidth: number, bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0)
  for (const score of scores) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((score - low) / binWidth)))
    counts[bin] = counts[bin]! + 1
  }
  return counts
}

function formatTick(tick: number): string {
  return String(tick).replace('-', '−')
}
