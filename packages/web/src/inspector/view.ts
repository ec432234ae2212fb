/** The inspector as markup: pure functions from what is known to text. */
import type { Inspection, Region } from '@assay/contract'
import {
  colourLegend,
  countOf,
  createHeatScale,
  decimalsFor,
  findingBadge,
  findingSymbols,
  findingWords,
  formatCount,
  formatScore,
  heatColourAt,
  html,
  scoreBar,
  type Markup,
} from '@assay/core/browser'
import { pictureTypes } from '../source/picture.ts'
import type { OpenedModel } from '../worker/message.ts'
import type { Item } from './item.ts'

/** What never changes; the parts are found by their ids. */
export function frame(hasCamera: boolean): Markup {
  return html`${findingSymbols}
    <section class="frame" aria-label="Inspector">
      <div class="drop" id="drop" hidden>Drop a model or pictures here</div>
      <div class="head">
        <div class="what" id="what"></div>
        <div class="actions">
          <label class="button">Open model<input type="file" id="model-file" accept=".onnx" /></label>
          <label class="button primary"
            >Choose pictures<input type="file" id="picture-files" multiple accept="${pictureTypes}"
          /></label>
          ${hasCamera ? html`<button type="button" id="camera">Camera</button>` : null}
        </div>
      </div>
      <div class="problem" id="problem" role="alert" hidden></div>
      <div class="busy unknown" id="busy" role="progressbar" aria-label="Working" hidden><i></i></div>
      <div class="body">
        <div class="stage" id="stage"></div>
        <div class="side" id="side"></div>
      </div>
      <div
        class="strip"
        id="strip"
        role="listbox"
        aria-label="Pictures"
        aria-orientation="horizontal"
        hidden
      ></div>
      <div class="visually-hidden" id="said" aria-live="polite"></div>
    </section>`
}

export function modelLine(name: string, model: OpenedModel | null): Markup {
  if (model === null) return html`<b>No model</b><span>Open a model file that Assay has trained.</span>`
  const { card, device } = model
  const where =
    device.name === 'webgpu' ? 'on WebGPU' : `in WebAssembly on ${countOf(device.threads, 'thread')}`
  const products =
    card.products.length === 1 ? (card.products[0]?.name ?? '') : countOf(card.products.length, 'product')
  return html`<b>${name}</b><span>${products} · ${card.method} · ${where}</span>`
}

/** What stands in the place of a picture that could not be inspected, or waits. */
export function pendingStage({ picture, state }: Item): Markup {
  const words = state.type === 'failed' ? 'could not be inspected' : 'is waiting'
  return html`<p class="hint"><b>${picture.name}</b>${words}</p>`
}

export function emptyStage(hasModel: boolean): Markup {
  return html`<p class="hint">
    ${
      hasModel
        ? html`<b>Drop, paste or choose pictures</b>PNG, JPEG, TIFF, BMP or WebP. They stay on this machine.`
        : html`<b>Drop a model here</b>A file from “assay train” or from the trainer in this page.`
    }
  </p>`
}

/** The place of the picture; its canvases are painted afterwards. */
export function stage(name: string, width: number, height: number): Markup {
  return html`<div class="layers" style="--aspect:${(width / height).toFixed(5)}">
    <canvas id="picture" role="img" aria-label="${name}"></canvas>
    <canvas id="heat" aria-hidden="true"></canvas>
    <svg viewBox="0 0 ${width} ${height}" aria-hidden="true" preserveAspectRatio="none">
      <g id="outline"></g>
      <rect id="box" class="box" hidden />
    </svg>
  </div>`
}

export function outline(path: string): Markup {
  return html`<path class="halo" d="${path}" /><path class="outline" d="${path}" />`
}

export interface Shown {
  readonly heat: boolean
  readonly outline: boolean
}

export function side(
  record: Inspection,
  milliseconds: number,
  shown: Shown,
  selected: number | null,
): Markup {
  const { verdict, score, threshold, product } = record
  if (verdict === null || score === null || threshold === null)
    throw new Error('internal: an inspection without a verdict')
  const decimals = decimalsFor([score, threshold])
  const scale = createHeatScale()
  const colourAt = (value: number): string => {
    const { red, green, blue, opacity } = heatColourAt(scale, value)
    return `rgb(${red} ${green} ${blue} / ${opacity.toFixed(3)})`
  }
  return html`<div class="verdict">
      <p class="name">
        ${record.image}${product === null ? null : html` · ${product}`} ·
        ${formatCount(Math.round(milliseconds))} ms
      </p>
      ${findingBadge(verdict)} ${scoreBar({ score, threshold, decimals })}
      <p class="numbers">
        score <b>${formatScore(score, decimals)}</b> · threshold ${formatScore(threshold, decimals)}
      </p>
    </div>
    <div class="shown">
      <label><input type="checkbox" id="show-heat" ${checked(shown.heat)} />Heat map<kbd>H</kbd></label>
      <label><input type="checkbox" id="show-outline" ${checked(shown.outline)} />Outline<kbd>C</kbd></label>
      ${colourLegend(colourAt)}
    </div>
    ${regionList(record.regions, decimals, selected)}`
}

function checked(is: boolean): Markup {
  return is ? html`checked` : html``
}

function regionList(regions: readonly Region[], decimals: number, selected: number | null): Markup {
  if (regions.length === 0) return html`<div><h3>No region above the pixel threshold</h3></div>`
  return html`<div>
    <h3>${countOf(regions.length, 'region')}</h3>
    <ol class="regions">
      ${regions.map(
        ({ box: [x, y, width, height], areaPx, peak }, i) =>
          html`<li>
            <button type="button" data-region="${i}" aria-pressed="${selected === i ? 'true' : 'false'}">
              <b>${i + 1}</b>
              <span
                >${width} × ${height} px<small>at ${x}, ${y} · ${formatCount(areaPx)} px of area</small></span
              >
              <b title="largest score inside">${formatScore(peak, decimals)}</b>
            </button>
          </li>`,
      )}
    </ol>
  </div>`
}

/** One picture of the strip; its thumbnail is put in afterwards. */
export function stripItem({ id, picture, state }: Item, isSelected: boolean): Markup {
  return html`<button
    type="button"
    role="option"
    id="item-${id}"
    data-item="${id}"
    title="${picture.name}"
    aria-label="${picture.name}, ${stateWords(state)}"
    aria-selected="${isSelected ? 'true' : 'false'}"
    tabindex="${isSelected ? 0 : -1}"
  >
    <span class="thumbnail"></span>${stateBadge(state)}
  </button>`
}

function stateBadge(state: Item['state']): Markup {
  switch (state.type) {
    case 'waiting':
      return html`<div class="waiting">waiting</div>`
    case 'busy':
      return html`<div class="waiting">inspecting …</div>`
    case 'done':
      return findingBadge(state.record.verdict ?? 'failed')
    case 'failed':
      return findingBadge('failed')
    default:
      return state satisfies never
  }
}

function stateWords(state: Item['state']): string {
  switch (state.type) {
    case 'waiting':
      return 'waiting'
    case 'busy':
      return 'being inspected'
    case 'done':
      return findingWords[state.record.verdict ?? 'failed']
    case 'failed':
      return findingWords.failed
    default:
      return state satisfies never
  }
}
