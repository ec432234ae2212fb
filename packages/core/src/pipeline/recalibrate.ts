/**
 * Sets the thresholds of a finished model anew on good pictures that it has not learned from. Nothing is trained:
 * only the card and the constants of calibration in the graph change, and the card keeps what was there before.
 */
import { AssayError, suggest, type Card, type ProductCard, type Recipe, type Zones } from '@assay/contract'
import { verdictOf } from '../calibrate/index.ts'
import { readDataset, type Dataset, type Product } from '../dataset/index.ts'
import { earlierOf, fixProduct, readModelFile, recalibrate, type ModelFile } from '../model/index.ts'
import { chooseDevice, openSession, type Device, type Session } from '../runtime/index.ts'
import { cutMap, layZones, reduceZones, scoreZones, type ZoneScore } from '../zone/index.ts'
import { summariseProduct, type ProductSummary } from './finish.ts'
import { goodSamples, warnAboutSeen } from './good-samples.ts'
import { aimsOf, limitProduct, limitZones, warnAboutPromise, type Aims } from './limits.ts'
import { createMasker } from './mask.ts'
import { openProven } from './open.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { judgePictures, type JudgedPicture } from './pictures.ts'
import { requireBand } from './recipe.ts'
import { requireWritable, writeFileSafely } from './work-folder.ts'

export interface RecalibrateOptions extends RunOptions {
  /** The model file. */
  readonly model: string
  /** Folder with good pictures, laid out as for a training; labelled defects beside them are judged, not used. */
  readonly data: string
  /** Where the model with the new thresholds goes; in place of the old one by default. */
  readonly out?: string | undefined
  /** Only these products. One alone may be calibrated on a folder of another name. */
  readonly products?: readonly string[] | undefined
  /** What differs from the last calibration of each product. */
  readonly aims?: { readonly [K in keyof Aims]?: Aims[K] | undefined } | undefined
  /** See `readZones`; null takes those of the model away. */
  readonly zones?: Zones | null | undefined
}

export interface RecalibratedProduct extends ProductSummary {
  /** The threshold before. */
  readonly before: number
  readonly zones: readonly {
    readonly name: string
    readonly threshold: number
    readonly unsure: number | null
  }[]
  /** Labelled defects that the new thresholds call good, if there were any to judge. */
  readonly defects: { readonly missed: number; readonly total: number } | null
}

export interface RecalibrateResult {
  readonly model: string
  /** Those that were calibrated. */
  readonly products: readonly RecalibratedProduct[]
}

/** Throws PRODUCT_UNKNOWN, DATA_NO_GOOD_IMAGES, ZONE_EMPTY, and what reading the model and the folder throw. */
export async function* recalibrateModel(
  options: RecalibrateOptions,
): AsyncGenerator<TrainEvent, RecalibrateResult> {
  const { model, out = model } = options
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const file = await readModelFile(model)
  const { bytes, products } = yield* recalibrateFile(file, device, { ...options, out })
  options.signal?.throwIfAborted()
  yield { type: 'stage', stage: 'write', done: 0, total: 1 }
  await writeFileSafely(out, bytes)
  yield { type: 'stage', stage: 'write', done: 1, total: 1 }
  return { model: out, products }
}

/** A recalibrated file that is not written yet. */
export interface RecalibratedFile {
  readonly bytes: Uint8Array
  readonly card: Card
  readonly products: readonly RecalibratedProduct[]
}

/** What `recalibrateModel` does between reading and writing; `out` is only seen to be writable. */
export async function* recalibrateFile(
  file: ModelFile,
  device: Device,
  options: RecalibrateOptions & { readonly out: string },
): AsyncGenerator<TrainEvent, RecalibratedFile> {
  const dataset = await readDataset(options.data)
  const pairs = pairProducts(file.card, dataset, options.products)
  for (const { product } of pairs) requireBand(mixAims(product, file.card.recipe, options.aims))
  await requireWritable(options.out)
  yield* warnAboutSeen(
    dataset,
    pairs.flatMap(({ folder }) => goodSamples(folder).map((s) => s.path)),
  )
  // The model has to repeat its samples here, or the thresholds would be those of another machine.
  await using session = await openProven(file, device)
  const products = [...file.card.products]
  const summaries: RecalibratedProduct[] = []
  for (const { index, product, folder } of pairs) {
    const found = yield* calibrateProduct({ file, session, device, options, index, product, folder })
    products[index] = found.product
    summaries.push({
      ...summariseProduct(found.product),
      before: product.image.threshold,
      zones: (found.product.zones?.zones ?? []).flatMap(({ name, image, unsure = null }) =>
        image === undefined ? [] : [{ name, threshold: image.threshold, unsure }],
      ),
      defects: found.defects,
    })
  }
  const card = { ...file.card, products }
  return { bytes: recalibrate(file.bytes, card), card, products: summaries }
}

/** A product of a model and the folder of its pictures. */
export interface Pair {
  readonly index: number
  readonly product: ProductCard
  readonly folder: Product
}

/** Products of the model with the folders of their pictures. */
export function pairProducts(card: Card, dataset: Dataset, wanted: readonly string[] | undefined): Pair[] {
  const known = card.products.map((p) => p.name)
  const pair = (name: string, folder: Product): Pair => {
    const index = known.indexOf(name)
    const product = card.products[index]
    if (product === undefined)
      throw new AssayError('PRODUCT_UNKNOWN', { product: name, known, suggestion: suggest(name, known) })
    return { index, product, folder }
  }
  const [first, ...others] = dataset.products
  const [only, ...more] = wanted ?? (known.length === 1 ? known : [])
  // One folder of good pictures need not be called like the product.
  if (first !== undefined && others.length === 0 && only !== undefined && more.length === 0)
    return [pair(only, first)]
  const folders = dataset.products.map((p) => p.name)
  return (wanted ?? folders).map((name) => {
    const folder = dataset.products.find((p) => p.name === name)
    if (folder !== undefined) return pair(name, folder)
    throw new AssayError('PRODUCT_UNKNOWN', {
      product: name,
      known: folders,
      suggestion: suggest(name, folders),
    })
  })
}

function mixAims(product: ProductCard, recipe: Recipe, changes: RecalibrateOptions['aims'] = {}): Aims {
  const { falseAlarms, falseMasks, unsure, confidence } = aimsOf(product, recipe)
  return {
    falseAlarms: changes.falseAlarms ?? falseAlarms,
    falseMasks: changes.falseMasks ?? falseMasks,
    unsure: changes.unsure === undefined ? unsure : changes.unsure,
    confidence: changes.confidence ?? confidence,
  }
}

interface CalibrateProductInput extends Pair {
  readonly file: ModelFile
  /** In which the product is recognised. */
  readonly session: Session
  readonly device: Device
  readonly options: RecalibrateOptions
}

async function* calibrateProduct(
  input: CalibrateProductInput,
): AsyncGenerator<
  TrainEvent,
  { readonly product: ProductCard; readonly defects: RecalibratedProduct['defects'] }
> {
  const { file, device, options, index, product: before, folder } = input
  const { recipe } = file.card
  const aims = mixAims(before, recipe, options.aims)
  const zones = options.zones === undefined ? before.zones : options.zones
  const good = goodSamples(folder).map((s) => s.path)
  const defects = folder.samples.filter((s) => s.label === 'defect').map((s) => s.path)
  await using fixed =
    file.card.products.length === 1
      ? null
      : await openSession(fixProduct(file.bytes, index), device, 'the model with its product fixed')
  const { height, width, window } = before
  const given = {
    session: fixed ?? input.session,
    geometry: { height, width, window },
    input: recipe.input,
    maxPixels: options.maxPixels,
    signal: options.signal,
  }
  const scoreOf = (judged: JudgedPicture): PictureScores => {
    const { score, peak, map, image, reduction } = judged
    if (zones === null) return { score, peak, zones: [], cut: map }
    const plane = layZones(reduceZones(zones, reduction).zones, image.width, image.height, judged.file)
    return { score, peak, zones: scoreZones(map, plane, recipe.score.topShare), cut: cutMap(map, plane) }
  }
  const masker = createMasker({ mask: recipe.mask, calibration: { ...recipe.calibration, ...aims } })
  const fit = masker.isFitted ? masker.startFit() : null
  const scores: number[] = []
  const peaks: number[] = []
  const byZone: (readonly (ZoneScore | undefined)[])[] = []
  const progress = { done: 0, total: good.length + defects.length }
  const toJudge = (files: readonly string[]) => files.map((path) => ({ file: path }))
  yield* judgePictures(given, toJudge(good), progress, (judged) => {
    const found = scoreOf(judged)
    scores.push(found.score)
    peaks.push(found.peak)
    byZone.push(found.zones)
    const { width, height } = judged.image
    fit?.add({ width, height, values: found.cut, reduction: judged.reduction })
  })
  if (scores.length === 0)
    throw new AssayError('DATA_NO_GOOD_IMAGES', { path: folder.path, product: folder.name })
  yield* warnAboutPromise(before.name, scores.length, aims)
  const limits = limitProduct({ scores, peaks }, { scores: [], peaks: [] }, aims)
  const { falseMasks, unsure, confidence } = aims
  const { byHand: _, ...measured } = before
  const product: ProductCard = {
    ...measured,
    ...limits,
    ...(zones === null ? { zones } : limitZones(zones, byZone, aims)),
    mask: fit?.finish() ?? before.mask,
    aims: { falseMasks, unsure, confidence },
    history: [...before.history, earlierOf(before)],
  }
  const fall = before.image.threshold - product.image.threshold
  // A rarer false alarm cannot lower it.
  if (aims.falseAlarms <= before.falseAlarms && fall > 2 * before.image.scale)
    yield {
      type: 'warning',
      message:
        `The threshold of "${before.name}" fell far below the one before. If the model has learned from these ` +
        'pictures, it is too low: calibrate on good pictures that it has not seen.',
    }
  let missed = 0
  let total = 0
  yield* judgePictures(given, toJudge(defects), progress, (judged) => {
    const found = scoreOf(judged)
    total++
    if (isMissed(product, found)) missed++
  })
  return { product, defects: total === 0 ? null : { missed, total } }
}

interface PictureScores extends ZoneScore {
  readonly zones: readonly (ZoneScore | undefined)[]
  /** The map of what is inspected. */
  readonly cut: Float32Array
}

/** Whether the scores alone call the picture good; rules of zones about regions are not asked. */
function isMissed(product: ProductCard, { score, zones }: PictureScores): boolean {
  if (product.zones === null) return verdictOf(score, product.image.threshold, product.unsure) === 'good'
  return product.zones.zones.every((zone, i) => {
    const found = zones[i + 1]
    if (found === undefined || zone.image === undefined) return true
    return verdictOf(found.score, zone.image.threshold, zone.unsure ?? null) === 'good'
  })
}
