/**
 * The order of a training from a folder: read, learn, write.
 */
import { choiceSchema, methodNames, type CardParity, type Choice, type Recipe } from '@assay/contract'
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { openBackbone, type Backbone } from '../backbone/index.ts'
import { readDataset, type Dataset, type LayoutName } from '../dataset/index.ts'
import { chooseDevice, type Device, type DeviceRequest } from '../runtime/index.ts'
import { version } from '../version.ts'
import { chooseMethod, type ChosenMethod, type MethodChoice } from './choose/index.ts'
import { summariseProduct, type ProductSummary } from './finish.ts'
import { chooseDevices } from './gate.ts'
import { learn } from './learn.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { resolveRecipe, type RecipeOptions } from './recipe.ts'
import { describePlan, planTrainingSet, type TrainingProductPlan } from './training-set.ts'
import { openWorkFolder, readPlan, requireWritable, writeFileSafely } from './work-folder.ts'

export interface TrainOptions extends RunOptions, Omit<RecipeOptions, 'method'> {
  /** Folder of the data. */
  readonly data: string
  /** Only these products. */
  readonly products?: readonly string[] | undefined
  /** What the data is; found out if not given. */
  readonly layout?: LayoutName | undefined
  /** The model file to write; work files live in `<out>.work` until it is done. */
  readonly out: string
  /** `auto` compares methods on the data first; without one the default is taken. */
  readonly method?: MethodChoice | undefined
  /** Where the finished model has to judge as on the CPU, or it is not written; by default where it is trained. */
  readonly providers?: readonly DeviceRequest[] | undefined
  /** Goes on with an interrupted training of the same data, recipe and seed. */
  readonly resume?: boolean | undefined
}

export interface TrainResult {
  readonly model: string
  readonly method: string
  /** How the method was chosen; null or absent when it was asked for. */
  readonly choice?: Choice | null
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
  const { products, layout } = options
  const dataset = await readDataset(data, { layout, ...(products === undefined ? {} : { products }) })
  await requireWritable(out)
  const asked = options.method ?? options.recipe?.method
  const remembered = asked === 'auto' && options.resume === true ? await rememberChoice(out) : null
  const { maxPixels } = options
  const choosing = { asked, options, dataset, device, remembered, maxPixels, signal }
  const { method, choice } = yield* chooseMethod(choosing)
  const recipe = resolveRecipe({ ...options, method }, dataset.products.length)
  const backbone = await openBackbone(recipe.features.backbone, recipe.features.taps)
  const plans = yield* planTrainingSet(dataset, recipe)
  yield { type: 'data', products: plans.map(describePlan) }
  const work = await openWorkFolder({
    out,
    plan: {
      ...(await fingerprint(recipe, backbone, plans, dataset, device)),
      ...(choice === null ? {} : { method, choice: JSON.stringify(choice) }),
    },
    resume: options.resume ?? false,
  })
  const { card, steps, bytes } = yield* learn({
    plans,
    recipe,
    backbone,
    device,
    providers,
    choice,
    checkpoints: work.checkpoints,
    spillFolder: work.path,
    memoryBytes: options.memoryBytes,
    maxPixels,
    heldPixels: options.heldPixels,
    signal,
    data: dataset.root,
    out,
  })
  yield { type: 'stage', stage: 'write', done: 0, total: 1 }
  await writeFileSafely(out, bytes)
  await work.remove()
  yield { type: 'stage', stage: 'write', done: 1, total: 1 }
  return {
    model: out,
    method: recipe.method,
    choice,
    backbone: backbone.card.id,
    steps,
    seconds: (performance.now() - started) / 1000,
    threshold: card.products[0]?.image.threshold ?? NaN,
    products: card.products.map(summariseProduct),
    parity: card.parity,
    recipe,
  }
}

/** What an interrupted training had chosen; null when it is not known, so that it is chosen again. */
async function rememberChoice(out: string): Promise<ChosenMethod | null> {
  const plan = await readPlan(out)
  const method = methodNames.find((name) => name === plan?.['method'])
  const text = plan?.['choice']
  if (method === undefined || typeof text !== 'string') return null
  const choice = choiceSchema.parse(JSON.parse(text))
  return { method, reason: choice.reason, choice }
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
