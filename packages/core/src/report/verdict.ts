/** The verdict as a badge: a symbol, a word and a colour, so that no single one of them has to be seen. */
import type { Verdict } from '@assay/contract'
import { html, type Markup } from './markup.ts'

/** A verdict, or that the image could not be inspected. */
export type Finding = Verdict | 'failed'

/** In the order in which a reader wants to see them. */
export const findings: readonly Finding[] = ['defect', 'unsure', 'good', 'failed']

export const findingWords: Readonly<Record<Finding, string>> = {
  defect: 'Defect',
  unsure: 'Unsure',
  good: 'Good',
  failed: 'Not inspected',
}

/** Badge with symbol and word; needs `findingSymbols` once in the page. */
export function findingBadge(finding: Finding): Markup {
  return html`<span class="badge ${finding}">${findingSymbol(finding)}${findingWords[finding]}</span>`
}

/** The symbol alone; decorative, so the word must stand beside it. */
export function findingSymbol(finding: Finding): Markup {
  return html`<svg class="symbol" aria-hidden="true"><use href="#symbol-${finding}" /></svg>`
}

/** Shapes differ as well as colours: circle, octagon, triangle, dashed square. */
export const findingSymbols: Markup = html`<svg width="0" height="0" class="hidden" aria-hidden="true">
  <symbol id="symbol-good" viewBox="0 0 16 16">
    <circle cx="8" cy="8" r="7" fill="currentColor" />
    <path d="M4.6 8.3 7 10.7l4.5-5" class="knock" />
  </symbol>
  <symbol id="symbol-defect" viewBox="0 0 16 16">
    <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Z" fill="currentColor" />
    <path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" class="knock" />
  </symbol>
  <symbol id="symbol-unsure" viewBox="0 0 16 16">
    <path d="M8 1.2 15.4 14.6H.6Z" fill="currentColor" />
    <path d="M8 6v4m0 2v.9" class="knock" />
  </symbol>
  <symbol id="symbol-failed" viewBox="0 0 16 16">
    <rect
      x="1.5"
      y="1.5"
      width="13"
      height="13"
      rx="2"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-dasharray="3 2"
    />
    <path d="M4.5 11.5l7-7" stroke="currentColor" stroke-width="1.6" />
  </symbol>
</svg>`
