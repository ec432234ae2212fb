/**
 * The colour legend of the heat maps: one fixed scale for all pictures, anchored to the threshold.
 *
 * The colours come in as a function, the same that painted the maps, so that the legend cannot differ.
 * They lie on mid grey, as they lie on the part in the pictures.
 */
import { html, type Markup } from './markup.ts'

/** CSS colour, opacity included, at a calibrated value from 0 to 1, where 0.5 is the threshold of the mask. */
export type ColourAt = (calibrated: number) => string

/** SVG of the scale with the threshold marked in the middle. */
export function colourLegend(colourAt: ColourAt, id = 'legend'): Markup {
  // The colours may jump at the threshold, so it has a stop on either side.
  const stops = [...Array.from({ length: 33 }, (_, i) => i / 32), 0.4999].toSorted((a, b) => a - b)
  return html`<svg
    class="legend"
    viewBox="0 0 320 44"
    width="320"
    height="44"
    role="img"
    aria-labelledby="${id}-title"
  >
    <title id="${id}-title">
      Colours of the heat maps, from as expected to strange; the threshold is in the middle
    </title>
    <defs>
      <linearGradient id="${id}-colours">
        ${stops.map((at) => html`<stop offset="${at}" stop-color="${colourAt(at)}" />`)}
      </linearGradient>
    </defs>
    <rect x="0.5" y="10.5" width="319" height="12" rx="2" class="ground" />
    <rect x="0.5" y="10.5" width="319" height="12" rx="2" fill="url(#${id}-colours)" class="frame" />
    <path d="M160 6v21" class="limit" />
    <text x="0" y="40">as expected</text>
    <text x="160" y="40" text-anchor="middle">threshold</text>
    <text x="320" y="40" text-anchor="end">strange</text>
  </svg>`
}
