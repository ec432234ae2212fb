/**
 * The order of a training: read, extract features once, fit, calibrate on held-out images, prove, write.
 */
import { AssayError, cardVersion, type CardParity, type Recipe } from '@assay/contract'
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { openBackbone, type Backbone } from '../backbone/index.ts'
import { readDataset, type Dataset } from '../dataset/index.ts'
import {
  createFeatureStore,
  featureDimension,
  gridSize,
  planFeatures,
  type FeaturePlan,
  type FeatureStore,
} from '../feature/index.ts'
import { findMethod } from '../method/catalogue.ts'
import type { Checkpoints, FitEvent, Fitted, TrainingProduct } from '../method/method.ts'
import { buildModel, fitRouter, viewSide, writeModel } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { chooseDevice, runtimeVersion, type Device, type DeviceRequest } from '../runtime/index.ts'
import { version } from '../version.ts'
import { calibrateProducts } from './calibrate.ts'
import { chooseMethod, type MethodChoice } from './choose-method.ts'
import { extractFeatures, sampleInputs } from './extract.ts'
import { productCard, proveModel, summariseProduct, type ProductSummary } from './finish.ts'
import { chooseDevices, passGate } from './gate.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { resolveRecipe, type RecipeOptions } from './recipe.ts'
import { planTrainingSet, type TrainingProductPlan } from './training-set.ts'
import { openWorkFolder, requireWritable, writeFileSafely } from './work-folder.ts'

export interface TrainOptions extends RunOptions, Omit<RecipeOptions, 'method'> {
  /** Folder of the data. */
  readonly data: string
  /** Only these products. */
  readonly products?: readonly string[] | undefined
  /** The model file to write; work files live in `<out>.work` until it is done. */
  readonly out: string
  /** Where the finished model has to judge as on the CPU, or it is not written; by default where it is trained. */
  readonly providers?: readonly DeviceRequest[] | undefined
  /** Default `auto`. */
  readonly method?: MethodChoice | undefined
  /** Goes on with an interrupted training of the same data, recipe and seed. */
  readonly resume?: boolean | undefined
}

export interface TrainResult {
  readonly model: string
  readonly method: string
  readonly backbone: string
  readonly steps: number
  readonly seconds: number
  /** Image threshold of the first product. */
  readonly threshold: number
  readonly products: readonly ProductSummary[]
  /** How far each provider is from the CPU. */
  readonly parity: readonly CardParity[]
  readonly recipe: Recipe
}

const defaultMemoryBytes = 2e9

/**
 * Trains a model and writes it. Yields what happens; the returned result describes the file.
 * Throws AssayErrors; after an abort, what was reached stays in the work folder for `resume`.
 */
export async function* trainModel(options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult> {
  const started = performance.now()
  const { data, out, signal } = options
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const providers = await chooseDevices(options.providers ?? [device.name], options.threads)
  const dataset = await readDataset(
    data,
    options.products === undefined ? {} : { products: options.products },
  )
  const choice = chooseMethod(options.method ?? options.recipe?.method ?? 'auto', dataset)
  yield { type: 'chosen', ...choice }
  const recipe = resolveRecipe({ ...options, method: choice.method }, dataset.products.length)
  const method = findMethod(recipe.method)
  await requireWritable(out)
  const backbone = await openBackbone(recipe.features.backbone, recipe.features.taps)
  const plans = yield* planTrainingSet(dataset, recipe)
  yield { type: 'data', products: plans.map(describePlan) }
  const work = await openWorkFolder({
    out,
    plan: await fingerprint(recipe, backbone, plans, dataset, device),
    resume: options.resume ?? false,
  })
  const common = { plans, recipe, device, maxPixels: options.maxPixels, signal }

  const plan = await planFeatures(backbone, recipe, sampleInputs(common), device)
  using stores = openStores(plans, recipe, plan, options.memoryBytes, work.path)
  const { products, damaged, views, files, pictures, sha256 } = yield* extractFeatures(
    common,
    plan,
    stores.list,
  )
  const first = products[0] ?? []
  requireImages(first, dataset)
  const isRouted = plans.length > 1 && (recipe.mode === 'assay' || method.addRoute === undefined)
  const router = isRouted ? await fitRouter(views, plan, device) : null
  const fitted: Fitted[] = []
  for (const [i, store] of stores.list.entries()) {
    const scale = {
      store,
      products: products[i] ?? [],
      damaged: damaged[i] ?? [],
      recipe: { ...recipe, seed: seedOfScale(recipe.seed, i) },
      checkpoints: scopeCheckpoints(work.checkpoints, `scale${i}-`),
    }
    fitted.push(yield* countOn(method.fit({ ...scale, device, signal }), i, stores.list.length))
  }

  const parts = { plan, method, fitted, router, recipe, products: plans.length }
  const training = pictures.map((own) => own.map((picture) => ({ picture, file: files[picture] ?? '' })))
  const calibrated = yield* calibrateProducts({ ...common, parts, training })
  yield { type: 'stage', stage: 'check', done: 0, total: 1 }
  const model = buildModel({ ...parts, calibrations: calibrated.map((c) => c.limits.image) })
  const proven = await proveModel(model, device, {
    version: cardVersion,
    assay: version,
    method: recipe.method,
    recipe,
    sees: 'good',
    weights: { backbone: backbone.card.id, ...backbone.origin },
    data: { images: files.length, sha256 },
    products: plans.map((p, i) => productCard(p, pictures[i]?.length ?? 0, calibrated[i])),
    view: router === null ? null : viewSide,
    samples: [],
    tools: { onnxruntime: runtimeVersion },
  })
  yield { type: 'stage', stage: 'check', done: 1, total: 1 }
  const { maxPixels, heldPixels } = options
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
  await work.remove()
  yield { type: 'stage', stage: 'write', done: 1, total: 1 }
  return {
    model: out,
    method: recipe.method,
    backbone: backbone.card.id,
    steps: fitted.reduce((sum, f) => sum + f.steps, 0),
    seconds: (performance.now() - started) / 1000,
    threshold: card.products[0]?.image.threshold ?? NaN,
    products: card.products.map(summariseProduct),
    parity,
    recipe,
  }
}

function describePlan(plan: TrainingProductPlan) {
  const { name, training, heldOut, geometry } = plan
  return { name, images: training.length, heldOut: heldOut.length, ...geometry }
}

/**
 * What must be equal for a resume; each part is named to the user when it differs. Pictures are compared by
 * path and size, which is quick and notices one that was replaced.
 */
async function fingerprint(
  recipe: Recipe,
  backbone: Backbone,
  plans: readonly TrainingProductPlan[],
  dataset: Dataset,
  device: Device,
): Promise<Record<string, string>> {
  const hash = createHash('sha256')
  for (const { training, heldOut } of plans) {
    for (const file of [...training, ...heldOut]) hash.update(`${file} ${(await stat(file)).size}\n`)
    hash.update(`${training.length}\n`)
  }
  return {
    // First, because the seed also chooses which pictures are held out.
    recipe: createHash('sha256').update(JSON.stringify(recipe)).digest('hex'),
    data: hash.update(dataset.root).digest('hex'),
    'file of weights': backbone.origin.sha256,
    device: `${device.name}, ${device.threads} threads`,
    'version of Assay': version,
  }
}

interface Stores extends Disposable {
  /** One per scale. */
  readonly list: readonly FeatureStore[]
}

function openStores(
  plans: readonly TrainingProductPlan[],
  recipe: Recipe,
  plan: FeaturePlan,
  budgetBytes: number | undefined,
  folder: string,
): Stores {
  const rowsAt = plan.scales.map((scale) =>
    plans.reduce((sum, p) => {
      const grid = gridSize(plan, p.geometry.height, p.geometry.width, scale)
      return sum + p.inputs * grid.height * grid.width
    }, 0),
  )
  const allRows = rowsAt.reduce((sum, rows) => sum + rows, 0)
  const list = rowsAt.map((expectedRows, i) =>
    createFeatureStore({
      dimension: featureDimension(plan),
      expectedRows,
      precision: recipe.mode === 'paper' ? 'float32' : 'float16',
      budgetBytes: ((budgetBytes ?? defaultMemoryBytes) * expectedRows) / allRows,
      spillPath: `${folder}/features${i}.bin`,
    }),
  )
  return { list, [Symbol.dispose]: () => list.forEach((store) => store[Symbol.dispose]()) }
}

/** Scales draw different numbers; the first one draws as if it were alone. */
function seedOfScale(seed: number, scale: number): number {
  return scale === 0 ? seed : createRandom(seed, 'scale', scale).uint32()
}

function scopeCheckpoints(all: Checkpoints, scope: string): Checkpoints {
  return {
    load: (name) => all.load(scope + name),
    save: (name, tensors) => all.save(scope + name, tensors),
  }
}

/** Passes a fit's events on, its steps counted on from those of the scales before. */
async function* countOn(
  fit: AsyncGenerator<FitEvent, Fitted>,
  scale: number,
  scales: number,
): AsyncGenerator<TrainEvent, Fitted> {
  let state = await fit.next()
  while (state.done !== true) {
    const event = state.value
    if (event.type === 'stage') yield event
    else yield { ...event, step: event.step + scale * event.of, of: event.of * scales }
    state = await fit.next()
  }
  return state.value
}

function requireImages(products: readonly TrainingProduct[], dataset: Dataset): void {
  for (const { name, images } of products)
    if (images.length === 0)
      throw new AssayError('DATA_NO_GOOD_IMAGES', { path: dataset.root, product: name })
}
