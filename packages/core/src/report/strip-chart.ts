/**
 * One metric of several variants side by side: a dot for each seed, a line for their mean.
 *
 * Variants are told apart by their row and its name, not by colour. The axis ends at 100 % and begins below the
 * lowest value, so lengths from the left mean nothing and nothing is drawn from there.
 */
import { axisTicks } from './axis.ts'
import { html, type Markup } from './markup.ts'

interface StripRow {
  readonly name: string
  /** Shares from 0 to 1, one for each seed. */
  readonly values: readonly number[]
}

export interface StripGroup {
  readonly name: string
  readonly rows: readonly StripRow[]
}

const width = 760
const rowHeight = 20
const groupGap = 30
const left = 300
const right = 24

/** SVG, 760 units wide and as high as there are rows. */
export function stripChart(groups: readonly StripGroup[], words: string): Markup {
  const values = groups.flatMap((group) => group.rows.flatMap((row) => row.values))
  const lowest = values.reduce((a, b) => Math.min(a, b), 1)
  const low = Math.max(0, Math.floor(lowest * 20 - 0.2) / 20)
  const x = (value: number): string =>
    (left + ((value - low) / (1 - low)) * (width - left - right)).toFixed(2)
  let top = 6
  const drawn = groups.map((group) => {
    const head = top + 14
    const rows = group.rows.map((row, i) => drawRow(row, head + 10 + rowHeight * (i + 0.5), x))
    top = head + rowHeight * group.rows.length + groupGap
    return html`<text class="side" x="0" y="${head}">${group.name}</text>${rows}`
  })
  const height = top + 16
  return html`<svg class="chart strip" viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
    <title>${words}</title>
    ${axisTicks(low, 1, 6).map((tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="6" y2="${top - 6}" /><text class="tick" x="${x(tick)}" y="${top + 10}" text-anchor="middle">${Number((tick * 100).toFixed(2))}</text>`)}
    ${drawn}
  </svg>`
}

function drawRow({ name, values }: StripRow, y: number, x: (value: number) => string): Markup {
  const label = html`<text x="12" y="${y + 4}">${name}</text>`
  if (values.length === 0) return html`${label}<text class="tick" x="${left}" y="${y + 4}">not known</text>`
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return html`${label}${values.map((value) => html`<circle class="dot" cx="${x(value)}" cy="${y}" r="3.6" />`)}<line
      class="mean"
      x1="${x(mean)}"
      x2="${x(mean)}"
      y1="${y - 8}"
      y2="${y + 8}"
    />`
}
