/**
 * `<assay-inspector>`: opens a model and pictures, and shows verdict, heat map, outline and regions.
 *
 * Everything happens in this page; nothing is sent anywhere. Attributes: `model` (an address), `product`,
 * `device` (`auto`, `cpu`, `webgpu`), `threads`. Events: `assay-opened` with the card, `assay-inspected` with
 * the record of each picture, `assay-failed` with `{ code, message, hint }`.
 */
import type { Card, Inspection } from '@assay/contract'
import { findingWords, type DeviceRequest } from '@assay/core/browser'
import { faultOf, faultText } from '../part/fault.ts'
import { find } from '../part/find.ts'
import { listenForFiles } from '../part/intake.ts'
import { paint, thumbnail } from '../part/paint.ts'
import { hasCamera, openCamera } from '../source/camera.ts'
import { isModel, toNamedBytes, type PictureLike } from '../source/picture.ts'
import { styleSheet } from '../style.ts'
import { startClient, type Client } from '../worker/client.ts'
import type { Fault, OpenedModel, ShownInspection } from '../worker/message.ts'
import { keepLast, type Item, type ItemState } from './item.ts'
import { emptyStage, frame, modelLine, outline, pendingStage, side, stage, stripItem } from './view.ts'

/** So many drawn results are kept; older ones are inspected again when they are looked at. */
const keptResults = 12

interface Notice {
  readonly fault: Fault
  /** Good to know, not wrong. */
  readonly isNote: boolean
}

interface Waiting {
  readonly resolve: (record: Inspection) => void
  readonly reject: (error: unknown) => void
}

export class AssayInspector extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['model', 'device', 'threads']

  readonly #root: ShadowRoot = this.attachShadow({ mode: 'open' })
  readonly #kept = keepLast(keptResults)
  readonly #waiting = new Map<number, Waiting>()
  #client: Client | undefined
  #intake: AbortController | undefined
  #model: OpenedModel | null = null
  #modelName = ''
  #items: readonly Item[] = []
  #nextId = 0
  #selected: number | null = null
  #region: number | null = null
  #shown = { heat: true, outline: true }
  #opening = 0
  #isWorking = false
  /** What concerns the model or the camera. */
  #notice: Notice | null = null

  constructor() {
    super()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styleSheet)
    this.#root.adoptedStyleSheets = [sheet]
    this.#root.innerHTML = frame(hasCamera()).markup
    this.#root.addEventListener('click', (event) => this.#onClick(event))
    this.#root.addEventListener('change', (event) => this.#onChange(event))
    // On the shadow root, so that keys pressed elsewhere in the page are left alone.
    this.#root.addEventListener('keydown', (event) => this.#onKey(event as KeyboardEvent))
    this.#renderModel()
    this.#renderStage()
  }

  connectedCallback(): void {
    this.#intake = listenForFiles(this, this.#part('drop'), (files) => this.#takeFiles(files))
    this.#openAttribute()
  }

  disconnectedCallback(): void {
    this.#intake?.abort()
    this.#client?.[Symbol.dispose]()
    this.#client = undefined
    this.#model = null
    this.#renderModel()
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#openAttribute()
  }

  /** The card of the open model. */
  get card(): Card | null {
    return this.#model?.card ?? null
  }

  /** Opens a model from its bytes, a file or an address. Rejects with what the message in the element says. */
  async open(model: Blob | Uint8Array | string, name?: string): Promise<Card> {
    const turn = ++this.#opening
    this.#model = null
    this.#notice = null
    this.#setBusy(true)
    this.#renderModel()
    try {
      const source = typeof model === 'string' ? new URL(model, document.baseURI).href : model
      const given = typeof source === 'string' ? source : await toNamedBytes(source, name)
      const opened = await this.#core().call('open', {
        model: given,
        device: this.#device(),
        threads: this.#threads(),
      })
      // Another model was asked for meanwhile.
      if (turn !== this.#opening) return opened.card
      this.#model = opened
      this.#modelName = name ?? (typeof given === 'string' ? lastPart(given) : given.name)
      this.#kept.clear()
      this.#items = this.#items.map((item) => ({ ...item, state: { type: 'waiting' } }))
      this.#notice = opened.leftOut === null ? null : { fault: opened.leftOut, isNote: true }
      this.#emit('assay-opened', opened.card)
      return opened.card
    } catch (error) {
      if (turn === this.#opening) this.#fail(error)
      throw error
    } finally {
      if (turn === this.#opening) {
        this.#setBusy(false)
        this.#renderModel()
        this.#renderStage()
        this.#renderStrip()
        void this.#work()
      }
    }
  }

  /** Inspects a picture, which joins the others below, once a model is open. Gives its record. */
  async inspect(picture: PictureLike, name?: string): Promise<Inspection> {
    const item: Item = {
      id: this.#nextId++,
      picture: await toNamedBytes(picture, name),
      state: { type: 'waiting' },
      thumbnail: null,
    }
    this.#items = [...this.#items, item]
    const record = new Promise<Inspection>((resolve, reject) =>
      this.#waiting.set(item.id, { resolve, reject }),
    )
    if (this.#selected === null) this.#select(item.id)
    else this.#renderStrip()
    void this.#work()
    return record
  }

  /** Removes all pictures. */
  clear(): void {
    this.#items = []
    this.#kept.clear()
    this.#select(null)
  }

  /** Works off what waits, the selected picture first. */
  async #work(): Promise<void> {
    if (this.#isWorking) return
    this.#isWorking = true
    try {
      while (this.#model !== null) {
        const model = this.#model
        const item = this.#nextItem()
        if (item === undefined) return
        await this.#inspectItem(item, model)
      }
    } finally {
      this.#isWorking = false
      this.#setBusy(false)
    }
  }

  #nextItem(): Item | undefined {
    const selected = this.#items.find((item) => item.id === this.#selected)
    const wants = (item: Item | undefined): boolean =>
      item?.state.type === 'waiting' ||
      (item !== undefined &&
        item === selected &&
        item.state.type === 'done' &&
        this.#kept.get(item.id) === undefined)
    return wants(selected) ? selected : this.#items.find((item) => item.state.type === 'waiting')
  }

  async #inspectItem(item: Item, model: OpenedModel): Promise<void> {
    this.#setBusy(true)
    const isFirst = item.state.type === 'waiting'
    if (isFirst) this.#setState(item.id, { type: 'busy' })
    try {
      const shown = await this.#core().call('inspect', {
        picture: item.picture,
        product: this.getAttribute('product'),
      })
      // The model was exchanged meanwhile: this item waits for the new one again.
      if (model !== this.#model) return
      this.#kept.set(item.id, shown)
      this.#setState(item.id, { type: 'done', record: shown.record }, thumbnail(shown.picture))
      if (isFirst) this.#settle(item.id, shown)
    } catch (error) {
      if (model !== this.#model) return
      const fault = faultOf(error)
      this.#setState(item.id, { type: 'failed', fault })
      this.#emit('assay-failed', fault)
      this.#waiting.get(item.id)?.reject(error)
      this.#waiting.delete(item.id)
    }
    if (item.id === this.#selected) this.#renderStage()
  }

  #settle(id: number, { record }: ShownInspection): void {
    this.#waiting.get(id)?.resolve(record)
    this.#waiting.delete(id)
    this.#emit('assay-inspected', record)
    const verdict = findingWords[record.verdict ?? 'failed']
    this.#part('said').textContent = `${record.image}: ${verdict}`
  }

  #setState(id: number, state: ItemState, image?: HTMLCanvasElement): void {
    this.#items = this.#items.map((item) =>
      item.id === id ? { ...item, state, thumbnail: image ?? item.thumbnail } : item,
    )
    this.#renderStrip()
  }

  #select(id: number | null): void {
    this.#selected = id
    this.#region = null
    this.#renderStrip()
    this.#renderStage()
    void this.#work()
  }

  #renderModel(): void {
    this.#part('what').innerHTML = modelLine(this.#modelName, this.#model).markup
  }

  #renderStage(): void {
    const item = this.#items.find(({ id }) => id === this.#selected)
    const place = this.#part('stage')
    const beside = this.#part('side')
    if (item === undefined || item.state.type !== 'done') {
      const pending = item === undefined ? emptyStage(this.#model !== null) : pendingStage(item)
      place.innerHTML = pending.markup
      beside.textContent = ''
      this.#showNotice(this.#noticeBeside(item))
      return
    }
    const shown = this.#kept.get(item.id)
    // It is on its way: `#work` inspects it again.
    if (shown === undefined) return
    this.#showNotice(this.#notice)
    const { record, picture, heat, milliseconds } = shown
    place.innerHTML = stage(record.image, picture.width, picture.height).markup
    paint(find(place, '#picture', HTMLCanvasElement), picture)
    paint(find(place, '#heat', HTMLCanvasElement), { ...picture, pixels: heat })
    find(place, '#outline', SVGGElement).innerHTML = outline(shown.outline).markup
    beside.innerHTML = side(record, milliseconds, this.#shown, this.#region).markup
    this.#renderShown()
  }

  /** Which layers are seen, and the frame of the chosen region. */
  #renderShown(): void {
    const place = this.#part('stage')
    const heat = place.querySelector<HTMLElement>('#heat')
    if (heat === null) return
    heat.hidden = !this.#shown.heat
    find(place, '#outline', SVGGElement).toggleAttribute('hidden', !this.#shown.outline)
    const item = this.#items.find(({ id }) => id === this.#selected)
    const record = item?.state.type === 'done' ? item.state.record : undefined
    const box = this.#region === null ? undefined : record?.regions[this.#region]?.box
    const drawn = find(place, '#box', SVGRectElement)
    drawn.toggleAttribute('hidden', box === undefined)
    for (const [i, name] of ['x', 'y', 'width', 'height'].entries())
      drawn.setAttribute(name, String(box?.[i] ?? 0))
    for (const button of this.#root.querySelectorAll<HTMLElement>('[data-region]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset['region']) === this.#region))
    for (const name of ['heat', 'outline'] as const)
      find(this.#root, `#show-${name}`, HTMLInputElement).checked = this.#shown[name]
  }

  #renderStrip(): void {
    const strip = this.#part('strip')
    const hadFocus = strip.contains(this.#root.activeElement)
    strip.hidden = this.#items.length < 2
    strip.innerHTML = this.#items.map((item) => stripItem(item, item.id === this.#selected).markup).join('')
    for (const item of this.#items) {
      const place = strip.querySelector(`#item-${item.id} .thumbnail`)
      if (item.thumbnail !== null) place?.append(item.thumbnail)
    }
    const chosen = strip.querySelector<HTMLElement>('[aria-selected=true]')
    if (hadFocus) chosen?.focus()
    // Only the strip is scrolled; the page stays where its reader is.
    if (chosen !== null) strip.scrollLeft = chosen.offsetLeft - (strip.clientWidth - chosen.offsetWidth) / 2
  }

  #onClick(event: Event): void {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('button') : null
    if (target === null) return
    const { item, region } = target.dataset
    if (item !== undefined) this.#select(Number(item))
    if (region !== undefined) {
      this.#region = this.#region === Number(region) ? null : Number(region)
      this.#renderShown()
    }
    if (target.dataset['do'] === 'dismiss') {
      this.#notice = null
      this.#showNotice(null)
    }
    if (target.id === 'camera')
      openCamera(this.#root, (picture, name) => this.#takePicture(picture, name)).catch((error: unknown) =>
        this.#fail(error),
      )
  }

  #onChange({ target }: Event): void {
    if (!(target instanceof HTMLInputElement)) return
    if (target.type === 'file') {
      const files = [...(target.files ?? [])]
      target.value = ''
      this.#takeFiles(files)
    }
    if (target.id === 'show-heat' || target.id === 'show-outline')
      this.#toggle(target.id === 'show-heat' ? 'heat' : 'outline')
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    switch (event.key) {
      case 'h':
        return this.#toggle('heat')
      case 'c':
        return this.#toggle('outline')
      case 'ArrowLeft':
      case 'ArrowRight': {
        const at = this.#items.findIndex(({ id }) => id === this.#selected)
        const next = this.#items[at + (event.key === 'ArrowLeft' ? -1 : 1)]
        if (next === undefined) return
        event.preventDefault()
        return this.#select(next.id)
      }
      default:
    }
  }

  #toggle(layer: 'heat' | 'outline'): void {
    this.#shown = { ...this.#shown, [layer]: !this.#shown[layer] }
    this.#renderShown()
  }

  #takeFiles(files: readonly File[]): void {
    for (const file of files) {
      if (isModel(file)) this.open(file).catch(() => undefined)
      else this.#takePicture(file)
    }
  }

  /** What goes wrong with it is shown; nobody waits for the record. */
  #takePicture(picture: PictureLike, name?: string): void {
    this.inspect(picture, name).catch(() => undefined)
  }

  #openAttribute(): void {
    const address = this.getAttribute('model')
    if (address !== null && address !== '') this.open(address).catch(() => undefined)
  }

  #fail(error: unknown): void {
    const fault = faultOf(error)
    this.#notice = { fault, isNote: false }
    this.#showNotice(this.#notice)
    this.#emit('assay-failed', fault)
  }

  /** A fault of the model or the camera, else the picture's own, else what is good to know. */
  #noticeBeside(item: Item | undefined): Notice | null {
    if (item?.state.type !== 'failed' || this.#notice?.isNote === false) return this.#notice
    return { fault: item.state.fault, isNote: false }
  }

  #showNotice(notice: Notice | null): void {
    const place = this.#part('problem')
    place.hidden = notice === null
    place.classList.toggle('note', notice?.isNote === true)
    place.innerHTML = notice === null ? '' : faultText(notice.fault).markup
  }

  #setBusy(isBusy: boolean): void {
    this.#part('busy').hidden = !isBusy
    this.#part('stage').setAttribute('aria-busy', String(isBusy))
  }

  #core(): Client {
    this.#client ??= startClient()
    return this.#client
  }

  #device(): DeviceRequest {
    const asked = this.getAttribute('device')
    return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto'
  }

  #threads(): number | null {
    const asked = this.getAttribute('threads')
    return asked === null ? null : Number(asked)
  }

  #emit(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  #part(id: string): HTMLElement {
    return find(this.#root, `#${id}`, HTMLElement)
  }
}

function lastPart(address: string): string {
  return decodeURIComponent(new URL(address).pathname.split('/').at(-1) ?? address)
}
