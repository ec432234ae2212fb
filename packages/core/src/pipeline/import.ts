/**
 * What every import of a trained model from another implementation does: thresholds on good pictures that the user
 * gives, as after a training, the card, the comparison of devices, and the model file.
 */
import { AssayError, cardVersion, type Card, type CardParity, type Recipe } from '@assay/contract'
import type { Graph } from '@assay/graph'
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Backbone } from '../backbone/index.ts'
import { readDataset, type Dataset, type Product } from '../dataset/index.ts'
import { planInput, type InputPixels } from '../feature/index.ts'
import { writeModel, type ModelParts } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { chooseDevice, runtimeVersion, type Device, type DeviceRequest } from '../runtime/index.ts'
import { version } from '../version.ts'
import { hashFile } from '../weights/cache/index.ts'
import { calibrateProducts, type CalibratedProduct } from './calibrate.ts'
import { productCard, proveModel, summariseProduct, type ProductSummary } from './finish.ts'
import { chooseDevices, passGate } from './gate.ts'
import { goodSamples, warnAboutSeen } from './good-samples.ts'
import { warnAboutPromise } from './limits.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import type { TrainingProductPlan } from './training-set.ts'
import { requireWritable, writeFileSafely } from './work-folder.ts'

export interface ImportOptions extends RunOptions {
  /** Default: the one that was published. */
  readonly backbone?: string | undefined
  /** Folder with good pictures of every product, laid out as for a training; they set the thresholds. */
  readonly good: string
  /** The model file to write. */
  readonly out: string
  /** Where the finished model has to judge as on the CPU, or it is not written; by default where it is imported. */
  readonly providers?: readonly DeviceRequest[] | undefined
}

export interface ImportResult {
  readonly model: string
  readonly backbone: string
  readonly products: readonly ProductSummary[]
  /** How far each provider is from the CPU. */
  readonly parity: readonly CardParity[]
  readonly recipe: Recipe
}

export interface Importing {
  readonly options: ImportOptions
  readonly device: Device
  readonly providers: readonly Device[]
  /** The good pictures. */
  readonly dataset: Dataset
}

export async function* startImport(options: ImportOptions): AsyncGenerator<TrainEvent, Importing> {
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const providers = await chooseDevices(options.providers ?? [device.name], options.threads)
  const dataset = await readDataset(options.good)
  await requireWritable(options.out)
  return { options, device, providers, dataset }
}

/** The name of a product that was given none; OPTION_INVALID where the data does not tell it. */
export function onlyName({ products }: Dataset): string {
  const [only] = products
  if (only !== undefined && products.length === 1) return only.name
  throw new AssayError('OPTION_INVALID', {
    option: '--product',
    value: '',
    reason: 'the good pictures are of several products; name the one that was trained',
  })
}

/** The good pictures of a product; a name that is not in the data is PRODUCT_UNKNOWN. */
export function findProduct({ products }: Dataset, names: readonly string[], name: string): Product {
  const [first] = products
  // One folder of good pictures need not be called like the product.
  const found =
    names.length === 1 && products.length === 1 ? first : products.find((product) => product.name === name)
  if (found !== undefined) return found
  const known = products.map((product) => product.name)
  throw new AssayError('PRODUCT_UNKNOWN', { product: name, known, suggestion: undefined })
}

/** The good pictures of each product that set its thresholds. */
export function* planProducts(
  { dataset }: Importing,
  names: readonly string[],
  recipe: Recipe,
): Generator<TrainEvent, readonly TrainingProductPlan[]> {
  const geometry = planInput([], recipe.input)
  const plans = names.map((name, p) => {
    const product = findProduct(dataset, names, name)
    const good = goodSamples(product)
    const count = Math.min(good.length, recipe.calibration.holdOutAtMost)
    const chosen = new Set(createRandom(recipe.seed, 'hold-out', p).sample(good.length, count))
    if (count === 0)
      throw new AssayError('DATA_NO_GOOD_IMAGES', { path: dataset.root, product: product.name })
    const heldOut = good.filter((_, i) => chosen.has(i)).map((s) => s.path)
    return { name, geometry, training: [], inputs: 0, heldOut }
  })
  yield* warnAboutSeen(
    dataset,
    plans.flatMap((p) => p.heldOut),
  )
  for (const { name, heldOut } of plans) yield* warnAboutPromise(name, heldOut.length, recipe.calibration)
  yield {
    type: 'data',
    products: plans.map(({ name, heldOut }) => ({ name, images: 0, heldOut: heldOut.length, ...geometry })),
  }
  return plans
}

/** For features that measure nothing beforehand. */
export async function* noPictures(): AsyncGenerator<InputPixels> {}

export async function* calibrateImport(
  { options, device }: Importing,
  parts: Omit<ModelParts, 'calibrations'>,
  plans: readonly TrainingProductPlan[],
): AsyncGenerator<TrainEvent, readonly CalibratedProduct[]> {
  const { maxPixels, signal } = options
  const training = plans.map(() => [])
  const { recipe } = parts
  return yield* calibrateProducts({ parts, plans, training, recipe, device, maxPixels, signal })
}

export interface ImportedModel {
  readonly model: Graph
  readonly recipe: Recipe
  readonly backbone: Backbone
  /** What the truth was that the other implementation looked at. */
  readonly sees: Card['sees']
  /** The files that it was made from, with their sums. */
  readonly files: NonNullable<Card['imported']>
  readonly plans: readonly TrainingProductPlan[]
  readonly calibrated: readonly CalibratedProduct[]
}

/** Proves the model, compares the providers with the CPU, as after a training, and writes it with its card. */
export async function* writeImport(
  { options, device, providers }: Importing,
  { model, recipe, backbone, sees, files, plans, calibrated }: ImportedModel,
): AsyncGenerator<TrainEvent, ImportResult> {
  yield { type: 'stage', stage: 'check', done: 0, total: 1 }
  const proven = await proveModel(model, device, {
    version: cardVersion,
    assay: version,
    method: recipe.method,
    recipe,
    sees,
    weights: { backbone: backbone.card.id, ...backbone.origin },
    data: { images: 0, sha256: createHash('sha256').digest('hex') },
    imported: [...files],
    products: plans.map((p, i) => productCard(p, 0, calibrated[i])),
    view: null,
    samples: [],
    tools: { onnxruntime: runtimeVersion },
  })
  yield { type: 'stage', stage: 'check', done: 1, total: 1 }
  const { out, maxPixels, heldPixels, signal } = options
  const parity = yield* passGate({
    model: writeModel(model, proven),
    out,
    devices: providers,
    plans,
    maxPixels,
    heldPixels,
    signal,
  })
  const card = { ...proven, parity }
  yield { type: 'stage', stage: 'write', done: 0, total: 1 }
  await writeFileSafely(out, writeModel(model, card))
  yield { type: 'stage', stage: 'write', done: 1, total: 1 }
  return {
    model: out,
    backbone: backbone.card.id,
    products: card.products.map(summariseProduct),
    parity,
    recipe,
  }
}

/** Name and sum of a file, as the card keeps them. A file that cannot be read is WEIGHTS_UNREADABLE. */
export async function identifyFile(
  file: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly file: string; readonly sha256: string }> {
  const hashing = hashFile(file, signal)
  for (;;) {
    const { done, value } = await hashing.next()
    if (done === true) return { file: path.basename(file), sha256: value.sha256 }
  }
}
