/**
 * Opens a model and inspects pictures one at a time: decode, recognise, run, back to original pixels,
 * threshold, regions.
 */
import {
  AssayError,
  reasonOf,
  suggest,
  type Card,
  type Inspection,
  type ProductCard,
  type Recipe,
} from '@assay/contract'
import { toCalibrated } from '../calibrate/threshold.ts'
import { prepareInput, type PreparedInput } from '../feature/index.ts'
import { decodeImage, interpolateBilinear, type Image } from '../image/index.ts'
import { compareSamples, fixProduct, readModelFile, sampleTolerance } from '../model/index.ts'
import { findRegions } from '../region/index.ts'
import { chooseDevice, openSession, type Device, type Session } from '../runtime/index.ts'
import { mapAhead } from './ahead.ts'
import { decodeAhead } from './decode.ts'
import type { RunOptions } from './options.ts'
import { viewOf } from './view.ts'

export interface InspectOptions {
  /** How records and errors call the picture; the path by default. */
  readonly name?: string
  /** The product, if it is known; otherwise the model recognises it. */
  readonly product?: string
  readonly signal?: AbortSignal
}

export interface Inspector extends AsyncDisposable {
  readonly card: Card
  readonly device: Device
  /** Inspects a file, the bytes of one, or decoded pixels. Throws an AssayError about this picture. */
  inspect(image: ImageInput, options?: InspectOptions): Promise<InspectedImage>
  /**
   * Inspects one after the other, decoding the next ones meanwhile. A picture that cannot be inspected does
   * not stop the rest. For folders see `findImages`.
   */
  inspectAll(
    images: Iterable<ImageInput>,
    options?: Omit<InspectOptions, 'name'>,
  ): AsyncGenerator<InspectedItem, void>
}

/** A path, the bytes of a file, or decoded pixels. */
export type ImageInput = string | Uint8Array | Image

/** The outcome for one picture: either `inspected` or `error` is null. */
export interface InspectedItem {
  readonly input: ImageInput
  readonly inspected: InspectedImage | null
  readonly error: AssayError | null
}

/** All that is known about one inspected picture; planes are `[height, width]` in its own pixels. */
export interface InspectedImage {
  /** The record; `map` and `mask` are null until somebody writes the files. */
  readonly record: Inspection
  readonly image: Image
  readonly width: number
  readonly height: number
  /** Raw scores. */
  readonly map: Float32Array
  /** 0 to 1; 0.5 is the pixel threshold. Made when first asked for. */
  readonly calibratedMap: Float32Array
  /** 1 where the map is above the pixel threshold. */
  readonly mask: Uint8Array
}

/** Opens a model file or its bytes, and lets it prove itself: see MODEL_SAMPLES_DIFFER. */
export async function openModel(source: string | Uint8Array, options: RunOptions = {}): Promise<Inspector> {
  const { bytes, card, name } = await readModelFile(source)
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  const session = await openSession(bytes, device, name).catch((error: unknown) => {
    if (!(error instanceof AssayError)) throw error
    throw new AssayError('MODEL_UNREADABLE', { path: name, reason: reasonOf(error.cause) }, { cause: error })
  })
  try {
    const worst = await compareSamples(session, card.samples)
    if (!(worst <= sampleTolerance))
      throw new AssayError('MODEL_SAMPLES_DIFFER', {
        path: name,
        worst,
        tolerance: sampleTolerance,
        provider: device.name,
      })
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
  return new OpenModel(bytes, card, device, session, options)
}

class OpenModel implements Inspector {
  readonly card: Card
  readonly device: Device
  readonly #bytes: Uint8Array
  readonly #session: Session
  readonly #options: RunOptions
  /** Sessions in which the product is fixed, opened when a product is named by the caller. */
  readonly #fixed = new Map<number, Promise<Session>>()

  constructor(bytes: Uint8Array, card: Card, device: Device, session: Session, options: RunOptions) {
    this.#bytes = bytes
    this.card = card
    this.device = device
    this.#session = session
    this.#options = options
  }

  async inspect(source: ImageInput, options: InspectOptions = {}): Promise<InspectedImage> {
    const name = options.name ?? nameOf(source)
    return this.#inspectDecoded(await this.#decode(source, name), name, options)
  }

  async *inspectAll(
    sources: Iterable<ImageInput>,
    options: Omit<InspectOptions, 'name'> = {},
  ): AsyncGenerator<InspectedItem, void> {
    const decode = async (input: ImageInput): Promise<{ input: ImageInput; image: Image | AssayError }> => ({
      input,
      image: await this.#decode(input, nameOf(input)).catch(assayErrorOf),
    })
    for await (const { input, image } of mapAhead(sources, decodeAhead, decode)) {
      const result =
        image instanceof AssayError
          ? image
          : await this.#inspectDecoded(image, nameOf(input), options).catch(assayErrorOf)
      yield result instanceof AssayError
        ? { input, inspected: null, error: result }
        : { input, inspected: result, error: null }
    }
  }

  async #inspectDecoded(
    image: Image,
    name: string,
    options: Omit<InspectOptions, 'name'>,
  ): Promise<InspectedImage> {
    options.signal?.throwIfAborted()
    const { session, index } = await this.#chooseProduct(image, options.product)
    const first = this.#product(index)
    const input = prepareInput(image, first, this.card.recipe.input)
    const outputs = await session.run({
      image: { dtype: 'uint8', shape: [1, input.height, input.width, 3], data: input.pixels },
    })
    // The bank that scored it decides, in the rare case that the full picture is recognised differently.
    const product = this.#product(Number(outputs['product']?.data[0] ?? index))
    const score = Number(outputs['score']?.data[0])
    const values = outputs['map']?.data as Float32Array
    // Nothing compares with NaN, so it would pass for good.
    const odd = Number.isFinite(score) ? values.find((v) => !Number.isFinite(v)) : score
    if (odd !== undefined) throw new AssayError('SCORE_NOT_FINITE', { what: name, value: String(odd) })
    const map = toOriginal(values, input, image)
    return assemble(name, image, map, score, product)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
    for (const session of this.#fixed.values()) await (await session)[Symbol.asyncDispose]()
  }

  async #decode(source: ImageInput, name: string): Promise<Image> {
    if (isImage(source)) return source
    const { maxPixels } = this.#options
    return decodeImage(source, maxPixels === undefined ? { name } : { name, maxPixels })
  }

  #product(index: number): ProductCard {
    const product = this.card.products[index]
    if (product === undefined) throw new Error(`internal: the model has no product ${index}`)
    return product
  }

  async #chooseProduct(image: Image, name: string | undefined): Promise<{ session: Session; index: number }> {
    const { products, view, recipe } = this.card
    if (name !== undefined) {
      const index = findProduct(products, name)
      return { session: products.length === 1 ? this.#session : await this.#fixedSession(index), index }
    }
    if (products.length === 1) return { session: this.#session, index: 0 }
    const { pixels, height, width } = routeInput(image, view, this.#product(0), recipe)
    const { product } = await this.#session.run(
      { image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels } },
      ['product'],
    )
    return { session: this.#session, index: Number(product?.data[0]) }
  }

  #fixedSession(index: number): Promise<Session> {
    let session = this.#fixed.get(index)
    if (session === undefined) {
      session = openSession(fixProduct(this.#bytes, index), this.device, 'the model with its product fixed')
      this.#fixed.set(index, session)
    }
    return session
  }
}

/** What the product is recognised from: the small view, or the common input of paper mode. */
function routeInput(
  image: Image,
  view: number | null,
  first: ProductCard,
  recipe: Recipe,
): { pixels: Uint8Array; height: number; width: number } {
  if (view === null) return prepareInput(image, first, recipe.input)
  return { pixels: viewOf(image, view), height: view, width: view }
}

function findProduct(products: readonly ProductCard[], name: string): number {
  const index = products.findIndex((p) => p.name === name)
  if (index >= 0) return index
  const known = products.map((p) => p.name)
  throw new AssayError('PRODUCT_UNKNOWN', { product: name, known, suggestion: suggest(name, known) })
}

/** The map of the model input, in the pixels of the picture; what a crop left out gets the map's lowest score. */
function toOriginal(map: Float32Array, input: PreparedInput, image: Image): Float32Array {
  const { box, height, width } = input
  const isWhole = box.x === 0 && box.y === 0 && box.width === image.width && box.height === image.height
  const boxWidth = Math.max(1, Math.round(box.width))
  const boxHeight = Math.max(1, Math.round(box.height))
  const part = interpolateBilinear(map, height, width, boxHeight, boxWidth, { alignCorners: false })
  if (isWhole) return part
  let lowest = Infinity
  for (const v of part) if (v < lowest) lowest = v
  const whole = new Float32Array(image.width * image.height).fill(lowest)
  const left = Math.round(box.x)
  const top = Math.round(box.y)
  for (let y = Math.max(0, -top); y < Math.min(boxHeight, image.height - top); y++) {
    const from = Math.max(0, -left)
    const to = Math.min(boxWidth, image.width - left)
    whole.set(part.subarray(y * boxWidth + from, y * boxWidth + to), (y + top) * image.width + left + from)
  }
  return whole
}

function assemble(
  name: string,
  image: Image,
  map: Float32Array,
  score: number,
  product: ProductCard,
): InspectedImage {
  const { width, height } = image
  const mask = new Uint8Array(map.length)
  for (let i = 0; i < map.length; i++) mask[i] = map[i]! > product.pixel.threshold ? 1 : 0
  let calibratedMap: Float32Array | undefined
  return {
    record: {
      image: name,
      product: product.name,
      score,
      calibrated: toCalibrated(score, product.image),
      threshold: product.image.threshold,
      verdict: score > product.image.threshold ? 'defect' : 'good',
      regions: findRegions(mask, width, height, { map }),
      map: null,
      mask: null,
      error: null,
    },
    image,
    width,
    height,
    map,
    mask,
    get calibratedMap() {
      calibratedMap ??= map.map((raw) => toCalibrated(raw, product.pixel))
      return calibratedMap
    },
  }
}

function nameOf(source: ImageInput): string {
  return typeof source === 'string' ? source : 'the picture'
}

/** Faults of a picture are part of the answer; anything else goes up. */
function assayErrorOf(error: unknown): AssayError {
  if (error instanceof AssayError) return error
  throw error
}

function isImage(source: ImageInput): source is Image {
  return typeof source !== 'string' && 'pixels' in source
}
