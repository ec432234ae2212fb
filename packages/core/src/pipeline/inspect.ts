/**
 * Opens a model and inspects pictures one at a time: decode, recognise, run, back to original pixels,
 * threshold, regions.
 */
import {
  AssayError,
  suggest,
  type Card,
  type Inspection,
  type ProductCard,
  type Recipe,
  type Zones,
} from '@assay/contract'
import { toCalibrated, verdictOf } from '../calibrate/index.ts'
import { prepareInput } from '../feature/index.ts'
import { openPicture, type Image, type Picture } from '../image/index.ts'
import { fixProduct, readModelFile } from '../model/index.ts'
import { findRegions } from '../region/index.ts'
import { chooseDevice, openSession, type Device, type Session } from '../runtime/index.ts'
import { cutMap, layZones, reduceZones, type ZonePlane } from '../zone/index.ts'
import { mapAhead } from './ahead.ts'
import { decodeAhead } from './decode.ts'
import { enlargeRegions } from './enlarge.ts'
import { judgePicture } from './judge.ts'
import { createMasker, type Masker } from './mask.ts'
import { openOutliner, type Outliner } from './outline.ts'
import type { RunOptions } from './options.ts'
import { openProven } from './open.ts'
import { viewOf } from './view.ts'
import { calibrateZoneMap, judgeZones, maskZones, type ZoneVerdict } from './zone.ts'

export interface OpenOptions extends RunOptions {
  /** Another segmenter than the recipe's, or `none`. */
  readonly segmenter?: Recipe['mask']['segmenter'] | undefined
}

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
  /** What the recipe asks for and this machine lacks, so that masks are coarser than they could be; or null. */
  readonly leftOut: AssayError | null
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

/**
 * All that is known about one inspected picture; planes are `[height, width]` in its own pixels, or, of a very
 * large picture, in squares of `reduction` pixels. The record is always in pixels of the picture.
 */
export interface InspectedImage {
  /** The record; `map` and `mask` are null until somebody writes the files. */
  readonly record: Inspection
  readonly image: Image
  readonly width: number
  readonly height: number
  /** 1 for pictures that are held whole: up to 36 megapixels. */
  readonly reduction: number
  /** Raw scores. What is not inspected has the lowest of them. */
  readonly map: Float32Array
  /** 0 to 1; 0.5 is the pixel threshold. Made when first asked for. */
  readonly calibratedMap: Float32Array
  /** 255 where the recipe's binarisers see a defect, else 0. */
  readonly mask: Uint8Array
  /** Which zone each pixel belongs to, from 1 on, 0 where nothing is inspected; null for a model without zones. */
  readonly zones: ZonePlane | null
}

/** Opens a model file or its bytes, and lets it prove itself: see MODEL_SAMPLES_DIFFER. */
export async function openModel(source: string | Uint8Array, options: OpenOptions = {}): Promise<Inspector> {
  const file = await readModelFile(source)
  const { bytes, card } = file
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  const session = await openProven(file, device)
  const outliner = await openOutliner(recipeOf(card, options).mask, device)
  return new OpenModel(bytes, card, device, session, options, outliner)
}

/** The recipe of a model with what the caller wants otherwise for its masks. */
function recipeOf({ recipe }: Card, { segmenter }: OpenOptions): Recipe {
  return segmenter === undefined ? recipe : { ...recipe, mask: { ...recipe.mask, segmenter } }
}

class OpenModel implements Inspector {
  readonly card: Card
  readonly device: Device
  readonly #bytes: Uint8Array
  readonly #session: Session
  readonly leftOut: AssayError | null
  readonly #options: OpenOptions
  readonly #masker: Masker
  readonly #outliner: Outliner | null
  /** Sessions in which the product is fixed, opened when a product is named by the caller. */
  readonly #fixed = new Map<number, Promise<Session>>()

  constructor(
    bytes: Uint8Array,
    card: Card,
    device: Device,
    session: Session,
    options: OpenOptions,
    outliner: Outliner | AssayError | null,
  ) {
    this.#bytes = bytes
    this.card = card
    this.device = device
    this.#session = session
    this.#options = options
    this.#masker = createMasker(card.recipe)
    this.#outliner = outliner instanceof AssayError ? null : outliner
    this.leftOut = outliner instanceof AssayError ? outliner : null
  }

  async inspect(source: ImageInput, options: InspectOptions = {}): Promise<InspectedImage> {
    const name = options.name ?? nameOf(source)
    await using picture = await this.#open(source, name)
    return await this.#inspectPicture(picture, name, options)
  }

  async *inspectAll(
    sources: Iterable<ImageInput>,
    options: Omit<InspectOptions, 'name'> = {},
  ): AsyncGenerator<InspectedItem, void> {
    const open = async (input: ImageInput): Promise<OpenedInput> => ({
      input,
      picture: await this.#open(input, nameOf(input)).catch(assayErrorOf),
    })
    for await (const { input, picture } of mapAhead(sources, decodeAhead, open, discardOpened)) {
      const result =
        picture instanceof AssayError
          ? picture
          : await this.#inspectPicture(picture, nameOf(input), options).catch(assayErrorOf)
      await discardOpened({ picture })
      yield result instanceof AssayError
        ? { input, inspected: null, error: result }
        : { input, inspected: result, error: null }
    }
  }

  async #inspectPicture(
    picture: Picture,
    name: string,
    options: Omit<InspectOptions, 'name'>,
  ): Promise<InspectedImage> {
    options.signal?.throwIfAborted()
    const { session, index } = await this.#chooseProduct(picture.whole, options.product)
    const { input } = this.card.recipe
    const geometry = this.#product(index)
    const { signal } = options
    const { score, map, product } = await judgePicture({ session, picture, name, geometry, input, signal })
    // The bank that scored it decides, in the rare case that the full picture is recognised differently.
    const chosen = this.#product(product ?? index)
    return chosen.zones === null
      ? await this.#assembleWhole(name, picture, map, score, chosen)
      : await this.#assembleZones(name, picture, map, chosen, chosen.zones)
  }

  async #assembleWhole(
    name: string,
    picture: Picture,
    map: Float32Array,
    score: number,
    product: ProductCard,
  ): Promise<InspectedImage> {
    const { whole: image, reduction } = picture
    const { width, height } = image
    const coarse = this.#masker.makeMask({ width, height, values: map, reduction }, product)
    const mask = (await this.#outliner?.refine(coarse, image)) ?? coarse
    const { threshold } = product.image
    const { unsure } = product
    const verdict = {
      score,
      calibrated: toCalibrated(score, product.image),
      threshold,
      ...(unsure === null ? {} : { unsure }),
      verdict: verdictOf(score, threshold, unsure),
      regions: enlargeRegions(findRegions(mask, width, height, { map }), picture),
    }
    const calibrateMap = (): Float32Array => map.map((raw) => toCalibrated(raw, product.pixel))
    return assemble(name, image, reduction, product, verdict, { map, mask, zones: null, calibrateMap })
  }

  async #assembleZones(
    name: string,
    picture: Picture,
    whole: Float32Array,
    product: ProductCard,
    own: Zones,
  ): Promise<InspectedImage> {
    const { whole: image, reduction } = picture
    const { width, height } = image
    const zones = reduceZones(own, reduction)
    const plane = layZones(zones.zones, width, height, name)
    const map = cutMap(whole, plane)
    const coarse = maskZones(zones, plane, map, product, (values, limits) =>
      this.#masker.makeMask({ width, height, values, reduction }, limits),
    )
    const refined = (await this.#outliner?.refine(coarse, image)) ?? coarse
    const { topShare } = this.card.recipe.score
    const { record, mask } = judgeZones({
      product,
      zones,
      plane,
      map,
      mask: refined,
      width,
      height,
      topShare,
    })
    const calibrateMap = (): Float32Array => calibrateZoneMap(zones, plane, map)
    const enlarged = { ...record, regions: enlargeRegions(record.regions, picture) }
    return assemble(name, image, reduction, product, enlarged, { map, mask, zones: plane, calibrateMap })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
    await this.#outliner?.[Symbol.asyncDispose]()
    for (const session of this.#fixed.values()) await (await session)[Symbol.asyncDispose]()
  }

  #open(source: ImageInput, name: string): Promise<Picture> {
    const { maxPixels, heldPixels } = this.#options
    return openPicture(source, {
      name,
      ...(maxPixels === undefined ? {} : { maxPixels }),
      ...(heldPixels === undefined ? {} : { heldPixels }),
    })
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
    const index = Number(product?.data[0])
    // A window alone may look like another product: the whole picture has decided.
    const isCut = this.#product(index).window !== null
    return { session: isCut ? await this.#fixedSession(index) : this.#session, index }
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

interface Planes extends Pick<InspectedImage, 'map' | 'mask' | 'zones'> {
  readonly calibrateMap: () => Float32Array
}

function assemble(
  name: string,
  image: Image,
  reduction: number,
  product: ProductCard,
  verdict: Omit<ZoneVerdict, 'zones'>,
  { map, mask, zones, calibrateMap }: Planes,
): InspectedImage {
  const { width, height } = image
  let calibratedMap: Float32Array | undefined
  const { score, calibrated, threshold, ...found } = verdict
  return {
    record: {
      image: name,
      product: product.name,
      score,
      calibrated,
      threshold,
      ...found,
      map: null,
      mask: null,
      error: null,
    },
    image,
    width,
    height,
    reduction,
    map,
    mask,
    zones,
    get calibratedMap() {
      calibratedMap ??= calibrateMap()
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

interface OpenedInput {
  readonly input: ImageInput
  readonly picture: Picture | AssayError
}

async function discardOpened({ picture }: Pick<OpenedInput, 'picture'>): Promise<void> {
  if (!(picture instanceof AssayError)) await picture[Symbol.asyncDispose]()
}
