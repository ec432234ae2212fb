/**
 * `<assay-trainer>`: good pictures in, a model file out, all in this page.
 *
 * Attributes: `device` (`auto`, `cpu`, `webgpu`), `threads`. Event: `assay-trained` with `{ bytes, card, name }`,
 * the same file that `assay train` writes.
 */
import type { DeviceRequest } from '@assay/core/browser'
import { faultOf, faultText } from '../part/fault.ts'
import { find } from '../part/find.ts'
import { listenForFiles } from '../part/intake.ts'
import { thumbnail } from '../part/paint.ts'
import { hasCamera, openCamera } from '../source/camera.ts'
import { toNamedBytes, type PictureLike } from '../source/picture.ts'
import { styleSheet } from '../style.ts'
import { startClient, type Client } from '../worker/client.ts'
import type { Fault, NamedBytes, TrainedFile, TrainRequest } from '../worker/message.ts'
import { emptyTiles, frame, progressOf, resultLine, tile, warningList } from './view.ts'

interface GoodPicture {
  readonly picture: NamedBytes
  readonly thumbnail: HTMLCanvasElement | null
}

/** Detail of `assay-trained`. */
export interface TrainedModel extends TrainedFile {
  /** Of the file to save. */
  readonly name: string
}

export class AssayTrainer extends HTMLElement {
  readonly #root: ShadowRoot = this.attachShadow({ mode: 'open' })
  #client: Client | undefined
  #intake: AbortController | undefined
  #pictures: readonly GoodPicture[] = []
  #running: AbortController | undefined
  #address: string | undefined
  #warnings: readonly string[] = []

  constructor() {
    super()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styleSheet)
    this.#root.adoptedStyleSheets = [sheet]
    this.#root.innerHTML = frame(hasCamera()).markup
    this.#root.addEventListener('click', (event) => this.#onClick(event))
    this.#root.addEventListener('change', ({ target }) => {
      if (!(target instanceof HTMLInputElement) || target.type !== 'file') return
      const files = [...(target.files ?? [])]
      target.value = ''
      void this.#takeFiles(files)
    })
    this.#render()
  }

  connectedCallback(): void {
    this.#intake = listenForFiles(this, this.#part('drop'), (files) => void this.#takeFiles(files))
  }

  disconnectedCallback(): void {
    this.#intake?.abort()
    this.#running?.abort()
    this.#client?.[Symbol.dispose]()
    this.#client = undefined
  }

  /** Adds a picture of a good part. */
  async add(picture: PictureLike, name?: string): Promise<void> {
    const given = await toNamedBytes(picture, name)
    const good: GoodPicture = { picture: { ...given, name: this.#freeName(given.name) }, thumbnail: null }
    this.#pictures = [...this.#pictures, good]
    this.#render()
    try {
      const shown = await this.#core().call('decode', good.picture)
      this.#pictures = this.#pictures.map((p) => (p === good ? { ...p, thumbnail: thumbnail(shown) } : p))
    } catch (error) {
      this.#pictures = this.#pictures.filter((p) => p !== good)
      this.#showFault(faultOf(error))
    }
    this.#render()
  }

  /** Trains on the pictures that were added and gives the model. Rejects with what the element says. */
  async train(): Promise<TrainedModel> {
    const running = new AbortController()
    this.#running = running
    this.#warnings = []
    this.#showFault(null)
    this.#part('result').hidden = true
    this.#render()
    try {
      const request = this.#request()
      const trained = await this.#core().call('train', request, {
        signal: running.signal,
        onEvent: (event) => {
          const progress = progressOf(event)
          if (progress !== null) this.#showProgress(progress.text, progress.share)
          if (event.type === 'warning' || event.type === 'image-error')
            this.#warnings = [...this.#warnings, event.message]
        },
      })
      const model: TrainedModel = { ...trained, name: `${fileName(request.product)}.onnx` }
      this.#showResult(model)
      this.dispatchEvent(new CustomEvent('assay-trained', { detail: model, bubbles: true, composed: true }))
      return model
    } catch (error) {
      const fault = faultOf(error)
      if (fault.code !== 'INTERRUPTED') this.#showFault(fault)
      throw error
    } finally {
      this.#running = undefined
      this.#render()
    }
  }

  #request(): TrainRequest {
    const choice = (id: string): string => find(this.#root, `#${id}`, HTMLSelectElement).value
    return {
      product: find(this.#root, '#product', HTMLInputElement).value.trim() || 'part',
      pictures: this.#pictures.map(({ picture }) => picture),
      // The options of the two lists.
      method: choice('method') as TrainRequest['method'],
      profile: choice('profile') as TrainRequest['profile'],
      device: this.#device(),
      threads: this.hasAttribute('threads') ? Number(this.getAttribute('threads')) : null,
    }
  }

  #render(): void {
    const tiles = this.#part('tiles')
    tiles.innerHTML =
      this.#pictures.length === 0
        ? emptyTiles.markup
        : this.#pictures.map(({ picture }, i) => tile(picture.name, i).markup).join('')
    const places = tiles.querySelectorAll('.thumbnail')
    for (const [i, { thumbnail: image }] of this.#pictures.entries())
      if (image !== null) places[i]?.append(image)
    const isRunning = this.#running !== undefined
    find(this.#root, '#train', HTMLButtonElement).disabled = isRunning || this.#pictures.length < 2
    this.#part('stop').hidden = !isRunning
    this.#part('progress').hidden = !isRunning
    if (isRunning) this.#showProgress('Starting', 0)
    const warnings = this.#part('warnings')
    warnings.hidden = this.#warnings.length === 0
    warnings.innerHTML = warningList(this.#warnings).markup
  }

  #showProgress(text: string, share: number): void {
    this.#part('stage-name').textContent = text
    const bar = this.#part('bar')
    bar.setAttribute('aria-valuenow', String(Math.round(share * 100)))
    const fill = bar.firstElementChild
    if (fill instanceof HTMLElement) fill.style.transform = `scaleX(${share})`
  }

  #showResult(model: TrainedModel): void {
    const place = this.#part('result')
    place.hidden = false
    place.innerHTML = resultLine(model).markup
    if (this.#address !== undefined) URL.revokeObjectURL(this.#address)
    this.#address = URL.createObjectURL(new Blob([model.bytes], { type: 'application/octet-stream' }))
    const link = find(place, '#save', HTMLAnchorElement)
    link.href = this.#address
    link.download = model.name
  }

  #onClick({ target }: Event): void {
    const button = target instanceof Element ? target.closest<HTMLElement>('button') : null
    if (button === null) return
    const { remove } = button.dataset
    if (remove !== undefined) {
      this.#pictures = this.#pictures.filter((_, i) => i !== Number(remove))
      this.#render()
    }
    if (button.dataset['do'] === 'dismiss') this.#showFault(null)
    if (button.id === 'train') this.train().catch(() => undefined)
    if (button.id === 'stop') this.#running?.abort()
    if (button.id === 'camera')
      openCamera(this.#root, (picture, name) => void this.add(picture, name)).catch((error: unknown) =>
        this.#showFault(faultOf(error)),
      )
  }

  async #takeFiles(files: readonly File[]): Promise<void> {
    for (const file of files) await this.add(file)
  }

  /** Names tell pictures apart in messages, so a second one of a name gets a number. */
  #freeName(name: string): string {
    const taken = new Set(this.#pictures.map(({ picture }) => picture.name))
    let free = name
    for (let i = 2; taken.has(free); i++) free = `${name} (${i})`
    return free
  }

  #showFault(fault: Fault | null): void {
    const place = this.#part('problem')
    place.hidden = fault === null
    place.innerHTML = fault === null ? '' : faultText(fault).markup
  }

  #core(): Client {
    this.#client ??= startClient()
    return this.#client
  }

  #device(): DeviceRequest {
    const asked = this.getAttribute('device')
    return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto'
  }

  #part(id: string): HTMLElement {
    return find(this.#root, `#${id}`, HTMLElement)
  }
}

/** A product's name as that of a file. */
function fileName(product: string): string {
  return product.replace(/[^\p{L}\p{N}._-]+/gu, '-')
}
