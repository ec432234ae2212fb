/**
 * Makes a model file of what the authors' own code saved of a trained CRAS: paper mode with their numbers.
 *
 * Their files hold neither thresholds nor names of products. Thresholds are set on good pictures that the user
 * gives, as after a training. Their code keeps the epoch that is best on the test set, and the card says so.
 */
import { AssayError, cardVersion, reasonOf, type Recipe } from '@assay/contract'
import { writeOnnx, type Graph } from '@assay/graph'
import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { openBackbone } from '../backbone/index.ts'
import { readDataset, type Dataset, type Product } from '../dataset/index.ts'
import { gridSize, planFeatures, planInput, type FeaturePlan, type InputPixels } from '../feature/index.ts'
import { findMethod } from '../method/catalogue.ts'
import { readCrasCheckpoint, type CrasCheckpoint } from '../method/cras/checkpoint.ts'
import { buildModel, writeModel } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { chooseDevice, openSession, runtimeVersion, type Device } from '../runtime/index.ts'
import { version } from '../version.ts'
import { openCheckpoint } from '../weights/index.ts'
import { calibrateProducts, type CalibratedProduct } from './calibrate.ts'
import { decodePicture } from './decode.ts'
import { productCard, proveModel, summariseProduct, type ProductSummary } from './finish.ts'
import { goodSamples, warnAboutSeen } from './good-samples.ts'
import { judgePicture } from './judge.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { resolveRecipe } from './recipe.ts'
import type { TrainingProductPlan } from './training-set.ts'
import { requireWritable, writeFileSafely } from './work-folder.ts'

export interface ImportCrasOptions extends RunOptions {
  /** `ckpt_best_<epoch>.pth`: discriminator and adaptor. */
  readonly checkpoint: string
  /** `center.pth`: the centres of every product. */
  readonly centres: string
  /** Default `wide-resnet50-2`, as published. */
  readonly backbone?: string | undefined
  /** Names of the products in the order of the centres; for one product, that of the data by default. */
  readonly products?: readonly string[] | undefined
  /** Folder with good pictures of every product, laid out as for a training; they set the thresholds. */
  readonly good: string
  /** The model file to write. */
  readonly out: string
}

export interface ImportResult {
  readonly model: string
  readonly backbone: string
  readonly products: readonly ProductSummary[]
  readonly recipe: Recipe
}

/** Pictures per product that are recognised, to see that the names are in order. */
const recognised = 4

/**
 * Writes the model. Throws WEIGHTS_MISFIT for files that are not CRAS or do not go with the backbone, and
 * OPTION_INVALID for names that are too many, too few or needed.
 */
export async function* importCras(options: ImportCrasOptions): AsyncGenerator<TrainEvent, ImportResult> {
  const { good, out, signal, maxPixels } = options
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const dataset = await readDataset(good)
  await requireWritable(out)
  const files = [await readFile(options.checkpoint), await readFile(options.centres)] as const
  const trained = await readTensors(...files)
  const recipe = resolveRecipe(
    {
      method: 'cras',
      mode: 'paper',
      backbone: options.backbone ?? 'wide-resnet50-2',
      recipe: {
        features: { dimension: trained.dimension },
        cras: { layers: trained.layers, adaptor: trained.hasAdaptor ? 'xavier' : 'none' },
      },
    },
    trained.products,
  )
  const plans = planProducts(dataset, nameProducts(options.products, trained.products, dataset), recipe)
  yield* warnAboutSeen(
    dataset,
    plans.flatMap((p) => p.heldOut),
  )
  const backbone = await openBackbone(recipe.features.backbone, recipe.features.taps)
  const plan = await planFeatures(backbone, recipe, noPictures(), device)
  requireGrid(trained, plan, recipe, options.centres)
  yield {
    type: 'data',
    products: plans.map(({ name, heldOut, geometry }) => ({
      name,
      images: 0,
      heldOut: heldOut.length,
      ...geometry,
    })),
  }

  const parts = {
    plan,
    method: findMethod('cras'),
    fitted: [{ tensors: trained.tensors, steps: 0, owners: null }],
    router: null,
    recipe,
    products: trained.products,
  }
  const training = plans.map(() => [])
  const calibrated = yield* calibrateProducts({
    parts,
    plans,
    training,
    recipe,
    device,
    maxPixels,
    signal,
  })
  yield* warnAboutBlind(plans, calibrated)
  const model = buildModel({ ...parts, calibrations: calibrated.map((c) => c.limits.image) })
  if (plans.length > 1) yield* checkOrder(model, plans, recipe, device, maxPixels)
  yield { type: 'stage', stage: 'check', done: 0, total: 1 }
  const card = await proveModel(model, device, {
    version: cardVersion,
    assay: version,
    method: 'cras',
    recipe,
    // Their code keeps the epoch with the best test scores.
    sees: 'test',
    weights: { backbone: backbone.card.id, ...backbone.origin },
    data: { images: 0, sha256: sha256Of(new Uint8Array()) },
    imported: files.map(({ file, bytes }) => ({ file: path.basename(file), sha256: sha256Of(bytes) })),
    products: plans.map((p, i) => productCard(p, 0, calibrated[i])),
    view: null,
    samples: [],
    tools: { onnxruntime: runtimeVersion },
  })
  yield { type: 'stage', stage: 'check', done: 1, total: 1 }
  yield { type: 'stage', stage: 'write', done: 0, total: 1 }
  await writeFileSafely(out, writeModel(model, card))
  yield { type: 'stage', stage: 'write', done: 1, total: 1 }
  return {
    model: out,
    backbone: backbone.card.id,
    products: card.products.map(summariseProduct),
    recipe,
  }
}

interface File {
  readonly file: string
  readonly bytes: Uint8Array
}

async function readFile(file: string): Promise<File> {
  try {
    return { file, bytes: await fs.readFile(file) }
  } catch (error) {
    throw new AssayError('WEIGHTS_UNREADABLE', { path: file, reason: reasonOf(error) }, { cause: error })
  }
}

async function readTensors(trained: File, centres: File): Promise<CrasCheckpoint> {
  await using first = await openCheckpoint(trained.bytes, { name: trained.file })
  await using second = await openCheckpoint(centres.bytes, { name: centres.file })
  return await readCrasCheckpoint(first, second)
}

function nameProducts(
  asked: readonly string[] | undefined,
  count: number,
  dataset: Dataset,
): readonly string[] {
  const refuse = (value: string, reason: string): never => {
    throw new AssayError('OPTION_INVALID', { option: '--product', value, reason })
  }
  if (asked !== undefined) {
    if (new Set(asked).size < asked.length) refuse(asked.join(','), 'a name is given twice')
    if (asked.length !== count)
      refuse(asked.join(','), `the centres are those of ${count} product${count === 1 ? '' : 's'}`)
    return asked
  }
  const [only] = dataset.products
  if (count > 1 || dataset.products.length > 1 || only === undefined)
    return refuse(
      '',
      count === 1
        ? 'the good pictures are of several products; name the one that was trained'
        : `the centres are those of ${count} products; name them in the order in which they were trained`,
    )
  return [only.name]
}

/** The good pictures of each product; a name that is not in the data is PRODUCT_UNKNOWN. */
function planProducts(dataset: Dataset, names: readonly string[], recipe: Recipe): TrainingProductPlan[] {
  const geometry = planInput([], recipe.input)
  return names.map((name, p) => {
    const product = findProduct(dataset, names, name)
    const good = goodSamples(product)
    const count = Math.min(good.length, recipe.calibration.holdOutAtMost)
    const chosen = new Set(createRandom(recipe.seed, 'hold-out', p).sample(good.length, count))
    if (count === 0)
      throw new AssayError('DATA_NO_GOOD_IMAGES', { path: dataset.root, product: product.name })
    const heldOut = good.filter((_, i) => chosen.has(i)).map((s) => s.path)
    return { name, geometry, training: [], inputs: 0, heldOut }
  })
}

function findProduct({ products }: Dataset, names: readonly string[], name: string): Product {
  const [first] = products
  // One folder of good pictures need not be called like the product.
  const found =
    names.length === 1 && products.length === 1 ? first : products.find((product) => product.name === name)
  if (found !== undefined) return found
  const known = products.map((product) => product.name)
  throw new AssayError('PRODUCT_UNKNOWN', { product: name, known, suggestion: undefined })
}

/** Scores end at 1; few good pictures with scattered scores can put a threshold beyond. */
function* warnAboutBlind(
  plans: readonly TrainingProductPlan[],
  calibrated: readonly CalibratedProduct[],
): Generator<TrainEvent> {
  for (const [p, { name, heldOut }] of plans.entries())
    if ((calibrated[p]?.limits.image.threshold ?? 0) >= 1)
      yield {
        type: 'warning',
        message:
          `The threshold of "${name}", extrapolated from ${heldOut.length} good pictures, is above 1, which no ` +
          'score exceeds: nothing would be called a defect. Give more good pictures.',
      }
}

/** The centres lie on the grid of the published input. */
function requireGrid(trained: CrasCheckpoint, plan: FeaturePlan, { input }: Recipe, centres: string): void {
  const grid = gridSize(plan, input.crop, input.crop, 1)
  if (trained.size === grid.height * grid.width) return
  throw new AssayError('WEIGHTS_MISFIT', {
    path: centres,
    wanted: 'the centres of CRAS as published',
    reason:
      `it has ${trained.size} positions instead of ${grid.height} x ${grid.width}, the grid of ` +
      `${plan.backbone.card.id} at ${input.crop} x ${input.crop} pixels`,
  })
}

/** Names in another order than at the training would give the thresholds to the wrong products. */
async function* checkOrder(
  model: Graph,
  plans: readonly TrainingProductPlan[],
  { input }: Recipe,
  device: Device,
  maxPixels: number | undefined,
): AsyncGenerator<TrainEvent> {
  await using session = await openSession(writeOnnx(model), device, 'recognising the products')
  for (const [p, { name, geometry, heldOut }] of plans.entries()) {
    const found: number[] = []
    for (const file of heldOut.slice(0, recognised)) {
      const decoded = await decodePicture(file, maxPixels)
      if ('type' in decoded) continue
      await using picture = decoded.picture
      const { product } = await judgePicture({ session, picture, name: file, geometry, input })
      found.push(product ?? p)
    }
    const others = found.filter((index) => index !== p)
    const other = plans[others[0] ?? p]
    if (2 * others.length > found.length && other !== undefined)
      yield {
        type: 'warning',
        message:
          `Most good pictures of "${name}" are recognised as "${other.name}"; see whether the names are in the ` +
          'order in which the products were trained.',
      }
  }
}

/** Adaptive pooling measures nothing, so no pictures are needed. */
async function* noPictures(): AsyncGenerator<InputPixels> {}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
