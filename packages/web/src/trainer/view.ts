/** The trainer as markup. */
import {
  countOf,
  decimalsFor,
  formatScore,
  html,
  type Markup,
  type TrainEvent,
  type TrainStage,
} from '@assay/core/browser'
import { pictureTypes } from '../source/picture.ts'
import type { TrainedFile } from '../worker/message.ts'

/** What never changes; the parts are found by their ids. */
export function frame(hasCamera: boolean): Markup {
  return html`<section class="frame" aria-label="Trainer">
    <div class="drop" id="drop" hidden>Drop pictures of good parts here</div>
    <div class="head">
      <div class="what">
        <b>Train from good pictures</b
        ><span>Five to twenty pictures of good parts, taken alike. They stay on this machine.</span>
      </div>
      <div class="actions">
        <label class="button"
          >Choose good pictures<input type="file" id="files" multiple accept="${pictureTypes}"
        /></label>
        ${hasCamera ? html`<button type="button" id="camera">Camera</button>` : null}
      </div>
    </div>
    <div class="problem" id="problem" role="alert" hidden></div>
    <ol class="tiles" id="tiles" aria-label="Good pictures"></ol>
    <div class="form">
      <label class="field">Product<input type="text" id="product" value="part" size="14" /></label>
      <label class="field"
        >Method<select id="method">
          <option value="patchcore">Memory bank (PatchCore)</option>
          <option value="cras">CRAS: adds a trained head, slower</option>
        </select></label
      >
      <label class="field"
        >Profile<select id="profile">
          <option value="fast">fast</option>
          <option value="balanced">balanced</option>
          <option value="accurate">accurate</option>
        </select></label
      >
      <div class="actions">
        <button type="button" class="primary" id="train">Train</button>
        <button type="button" id="stop" hidden>Stop</button>
      </div>
    </div>
    <div class="progress" id="progress" hidden>
      <div id="stage-name" aria-live="polite"></div>
      <div class="busy" role="progressbar" id="bar" aria-label="Training"><i></i></div>
    </div>
    <div class="warnings" id="warnings" hidden></div>
    <div class="result" id="result" hidden></div>
  </section>`
}

export const emptyTiles: Markup = html`<li class="hint" style="border:0;background:none">
  <b>Drop or choose pictures of good parts</b>A folder is fine too. Nothing is uploaded.
</li>`

export function tile(name: string, index: number): Markup {
  return html`<li>
    <span class="thumbnail"></span><span class="name" title="${name}">${name}</span
    ><button type="button" data-remove="${index}" aria-label="Remove ${name}">×</button>
  </li>`
}

const stageNames: Readonly<Record<TrainStage, string>> = {
  read: 'Reading the pictures',
  compare: 'Comparing methods',
  features: 'Looking at the pictures',
  memory: 'Choosing what to remember',
  head: 'Training the head',
  calibrate: 'Setting the thresholds',
  check: 'Proving the model',
  write: 'Writing the model',
}

export interface Progress {
  readonly text: string
  /** 0 to 1. */
  readonly share: number
}

/** What an event says about how far the training is; null for those that say nothing of it. */
export function progressOf(event: TrainEvent): Progress | null {
  switch (event.type) {
    case 'stage':
      return {
        text: `${stageNames[event.stage]}: ${event.done} of ${event.total}`,
        share: event.done / event.total,
      }
    case 'step':
      return { text: `Training the head: step ${event.step} of ${event.of}`, share: event.step / event.of }
    case 'device':
    case 'data':
    case 'comparing':
    case 'chosen':
    case 'resumed':
    case 'image-error':
    case 'warning':
      return null
    default:
      return event satisfies never
  }
}

export function resultLine({ card, bytes, seconds }: TrainedFile): Markup {
  const [product] = card.products
  if (product === undefined) throw new Error('internal: a model without products')
  const { threshold } = product.image
  return html`<div>
      <b>The model is ready.</b> Learned from ${countOf(product.trainingImages, 'picture')}, threshold
      ${formatScore(threshold, decimalsFor([threshold]))} set on ${countOf(product.heldOutImages, 'picture')}
      kept back, in ${seconds.toFixed(1)} s; ${(bytes.length / 1e6).toFixed(1)} MB.
    </div>
    <a class="button primary" id="save" download>Save model</a>`
}

export function warningList(warnings: readonly string[]): Markup {
  return html`${warnings.map((text) => html`<p>${text}</p>`)}`
}
