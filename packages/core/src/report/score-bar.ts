/**
 * A bar that shows a raw score against its threshold: zero on the left, the threshold in the middle, twice
 * the threshold and more on the right.
 *
 * Raw and not calibrated, because the calibrated score is nearly 0 or 1 for almost every image and would
 * not show how near to the threshold a good part came.
 */
import { formatScore } from './number.ts'
import { html, type Markup } from './markup.ts'

export interface ScoreBar {
  readonly score: number
  readonly threshold: number
  /** Where the unsure band begins, if there is one. */
  readonly unsure?: number | undefined
  readonly decimals: number
}

/** SVG that stretches to the width it is given; the text says the same as the picture. */
export function scoreBar(bar: ScoreBar): Markup {
  const at = barPlace(bar.score, bar.threshold)
  const { unsure = bar.threshold } = bar
  const side = bar.score > bar.threshold ? 'above' : bar.score > unsure ? 'between' : 'below'
  const place = side === 'between' ? 'in the unsure band below' : side
  const label = `Score ${formatScore(bar.score, bar.decimals)}, ${place} the threshold of ${formatScore(bar.threshold, bar.decimals)}`
  const from = barPlace(unsure, bar.threshold)
  return html`<svg
    class="bar ${side}"
    viewBox="0 0 100 12"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    <rect class="track" x="0" y="4" width="100" height="4" />
    ${from < 50 ? html`<rect class="band" x="${from.toFixed(2)}" y="2" width="${(50 - from).toFixed(2)}" height="8" />` : null}
    <rect class="fill" x="0" y="4" width="${at.toFixed(2)}" height="4" />
    <line class="limit" x1="50" y1="0" x2="50" y2="12" />
    <line class="mark" x1="${at.toFixed(2)}" y1="1.5" x2="${at.toFixed(2)}" y2="10.5" />
  </svg>`
}

/** Percent of the bar's length. A scale that reaches below zero begins at the lower of the two. */
export function barPlace(score: number, threshold: number): number {
  const low = Math.min(0, score, threshold)
  if (threshold === low) return score > threshold ? 100 : 50
  return Math.min(100, (50 * (score - low)) / (threshold - low))
}
