/** The part and its heat map side by side, with outlines drawn over both as vectors. */
import { html, toHref, type Markup } from './markup.ts'

/** Relative links and outlines of one inspected image. */
export interface Pictures {
  /** Small picture of the part. */
  readonly part: string
  /** The same with the heat map laid over it. */
  readonly heat: string
  /** Large heat map to open on a click, if one was written. */
  readonly large: string | null
  /** The image itself, if a link to it makes sense from the page. */
  readonly original: string | null
  /** Size of the original image, which the outlines refer to. */
  readonly width: number
  readonly height: number
  /** Path data of the mask that was found; empty for none. */
  readonly outline: string
  /** Path data of the true mask, where there is one. */
  readonly truth?: string
  /** Path data of the borders of the zones of the model; empty for none. */
  readonly zones?: string
}

/** Two figures; `name` is what a screen reader says they show. */
export function picturePair(pictures: Pictures, name: string): Markup {
  const { part, heat, large, original } = pictures
  // Very long parts would tower over the page; beyond 7 : 10 the frame stays and the picture is fitted into it.
  const aspect = Math.min(Math.max(pictures.width / pictures.height, 0.7), 3)
  const framed = (image: Markup, link: string | null): Markup =>
    link === null
      ? html`<span class="picture" style="aspect-ratio:${aspect.toFixed(4)}">${image}</span>`
      : html`<a class="picture" style="aspect-ratio:${aspect.toFixed(4)}" href="${toHref(link)}">${image}</a>`
  const outlines = outlineLayer(pictures)
  return html`<div class="pair">
    <figure>
      ${framed(html`<img src="${toHref(part)}" alt="${name}" loading="lazy" />${outlines}`, original)}
      <figcaption>part</figcaption>
    </figure>
    <figure>
      ${framed(html`<img src="${toHref(heat)}" alt="Heat map of ${name}" loading="lazy" />`, large)}
      <figcaption>heat map</figcaption>
    </figure>
  </div>`
}

function outlineLayer(pictures: Pictures): Markup | null {
  const { outline, truth = '', zones = '', width, height } = pictures
  if (outline === '' && truth === '' && zones === '') return null
  return html`<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">
    ${zones === '' ? null : html`<path class="zone" d="${zones}" />`}${[outline, truth].filter((d) => d !== '').map((d) => html`<path class="halo" d="${d}" />`)}
    ${outline === '' ? null : html`<path class="region" d="${outline}" />`}${truth === '' ? null : html`<path class="truth" d="${truth}" />`}
  </svg>`
}
