/**
 * Makes a model file of what the authors' own code saved of a trained CRAS: paper mode with their numbers.
 *
 * Their files hold neither thresholds nor names of products. Thresholds are set on good pictures that the user
 * gives, as after a training. Their code keeps the epoch that is best on the test set, and the card says so.
 */
import { AssayError, type Recipe } from '@assay/contract'
import { writeOnnx, type Graph } from '@assay/graph'
import { openBackbone } from '../backbone/index.ts'
import type { Dataset } from '../dataset/index.ts'
import { gridSize, planFeatures, type FeaturePlan } from '../feature/index.ts'
import { findMethod } from '../method/catalogue.ts'
import { readCrasCheckpoint, type CrasCheckpoint } from '../method/cras/checkpoint.ts'
import { buildModel } from '../model/index.ts'
import { openSession, type Device } from '../runtime/index.ts'
import { openCheckpoint } from '../weights/index.ts'
import type { CalibratedProduct } from './calibrate.ts'
import { decodePicture } from './decode.ts'
import {
  calibrateImport,
  identifyFile,
  noPictures,
  onlyName,
  planProducts,
  startImport,
  writeImport,
  type ImportOptions,
  type ImportResult,
} from './import.ts'
import { judgePicture } from './judge.ts'
import type { TrainEvent } from './options.ts'
import { resolveRecipe } from './recipe.ts'
import type { TrainingProductPlan } from './training-set.ts'

export interface ImportCrasOptions extends ImportOptions {
  /** `ckpt_best_<epoch>.pth`: discriminator and adaptor. */
  readonly checkpoint: string
  /** `center.pth`: the centres of every product. */
  readonly centres: string
  /** Names of the products in the order of the centres; for one product, that of the data by default. */
  readonly products?: readonly string[] | undefined
}

/** Pictures per product that are recognised, to see that the names are in order. */
const recognised = 4

/**
 * Writes the model. Throws WEIGHTS_UNSUITABLE for files that are not CRAS or do not go with the backbone,,
 * OPTION_INVALID for names that are too many, too few or needed, and MODEL_PARITY_FAILED for a provider that is too
 * far from the CPU.
 */
export async function* importCras(options: ImportCrasOptions): AsyncGenerator<TrainEvent, ImportResult> {
  const { checkpoint, centres, signal, maxPixels } = options
  const importing = yield* startImport(options)
  const { dataset, device } = importing
  const files = [await identifyFile(checkpoint, signal), await identifyFile(centres, signal)]
  const trained = await readTensors(checkpoint, centres)
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
  const names = nameProducts(options.products, trained.products, dataset)
  const plans = yield* planProducts(importing, names, recipe)
  const backbone = await openBackbone(recipe.features.backbone, recipe.features.taps)
  const plan = await planFeatures(backbone, recipe, noPictures(), device)
  requireGrid(trained, plan, recipe, centres)
  const parts = {
    plan,
    method: findMethod('cras'),
    fitted: [{ tensors: trained.tensors, steps: 0, owners: null }],
    router: null,
    recipe,
    products: trained.products,
  }
  const calibrated = yield* calibrateImport(importing, parts, plans)
  yield* warnAboutBlind(plans, calibrated)
  const model = buildModel({ ...parts, calibrations: calibrated.map((c) => c.limits.image) })
  if (plans.length > 1) yield* checkOrder(model, plans, recipe, device, maxPixels)
  // Their code keeps the epoch with the best test scores.
  const sees = 'test'
  return yield* writeImport(importing, { model, recipe, backbone, sees, files, plans, calibrated })
}

async function readTensors(trained: string, centres: string): Promise<CrasCheckpoint> {
  await using first = await openCheckpoint(trained)
  await using second = await openCheckpoint(centres)
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
  if (count > 1)
    refuse(
      '',
      `the centres are those of ${count} products; name them in the order in which they were trained`,
    )
  return [onlyName(dataset)]
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
  throw new AssayError('WEIGHTS_UNSUITABLE', {
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
