/** A curve in a square, as SVG: the frame that ROC, precision-recall and PRO share. */
import { html, type Markup } from './markup.ts'

export interface CurvePoint {
  readonly x: number
  readonly y: number
}

export interface SquareChart {
  /** In the order in which they are drawn; x from 0 to `xMax`, y from 0 to 1. */
  readonly curve: readonly CurvePoint[]
  /** The end of the x axis; default 1. */
  readonly xMax?: number
  readonly xLabel: string
  readonly yLabel: string
  /** Where the model works. */
  readonly here?: CurvePoint
  /** The line of chance, from corner to corner. */
  readonly hasDiagonal?: boolean
  /** What the chart says, for those who cannot see it. */
  readonly words: string
}

const size = 250
const margin = { left: 44, top: 26, right: 12, bottom: 42 }
const innerWidth = size - margin.left - margin.right
const innerHeight = size - margin.top - margin.bottom

/** SVG, 250 x 250 units. Labels of the axes are in percent. */
export function squareChart(chart: SquareChart): Markup {
  const { curve, xMax = 1, xLabel, yLabel, here, hasDiagonal = false, words } = chart
  const x = (share: number): string => (margin.left + (share / xMax) * innerWidth).toFixed(2)
  const y = (share: number): string => (margin.top + (1 - share) * innerHeight).toFixed(2)
  const line = curve.map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.x)} ${y(p.y)}`).join('')
  const end = curve.at(-1)?.x ?? 0
  const start = curve[0]?.x ?? 0
  return html`<svg class="chart square" viewBox="0 0 ${size} ${size}" role="img" aria-label="${words}">
    <title>${words}</title>
    ${[0, 0.5, 1].map((t) => html`<line class="grid" x1="${x(t * xMax)}" x2="${x(t * xMax)}" y1="${y(0)}" y2="${y(1)}" /><line class="grid" x1="${x(0)}" x2="${x(xMax)}" y1="${y(t)}" y2="${y(t)}" /><text class="tick" x="${x(t * xMax)}" y="${size - margin.bottom + 18}" text-anchor="${t === 1 ? 'end' : 'middle'}">${t * xMax * 100} %</text><text class="tick" x="${margin.left - 6}" y="${Number(y(t)) + 4}" text-anchor="end">${t * 100}</text>`)}
    ${hasDiagonal ? html`<path class="diagonal" d="M${x(0)} ${y(0)}L${x(xMax)} ${y(1)}" />` : null}
    <path class="area" d="${line}L${x(end)} ${y(0)}L${x(start)} ${y(0)}Z" />
    <path class="curve" d="${line}" />
    ${here === undefined ? null : html`<circle class="here" cx="${x(here.x)}" cy="${y(here.y)}" r="4.5" />`}
    <text class="label" x="${size - margin.right}" y="${size - 6}" text-anchor="end">${xLabel}</text>
    <text class="label" x="0" y="12">${yLabel}, %</text>
  </svg>`
}
