/** From a published experiment and the data that is here to jobs, and to what cannot run and why. */
import { AssayError, mergeRecipe, suggest, type PartialRecipe } from '@assay/contract'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { findBackbone } from '../../backbone/index.ts'
import { readDataset, type Product } from '../../dataset/index.ts'
import type { ModelPreset, Preset, StepsPreset } from '../../experiment/index.ts'
import { findWeights } from '../../weights/cache/index.ts'
import { parseStepSettings } from '../step/index.ts'
import { folderOf, hashRecipe, planModelJob, type BenchJob, type JobOptions, type StepsJob } from './job.ts'

export interface ExperimentRequest extends JobOptions {
  readonly preset: Preset
  readonly data: string
  /** Where the files of the published steps go. */
  readonly out: string
  /** Only these of the published products. */
  readonly products?: readonly string[] | undefined
  /** Fewer epochs, for a trial. */
  readonly epochs?: number | undefined
  /** Optimiser steps in place of epochs, for a trial. */
  readonly steps?: number | undefined
  /** Goes on with trainings that were interrupted; the published steps always do. */
  readonly resume?: boolean | undefined
}

export interface ExperimentPlan {
  readonly jobs: readonly BenchJob[]
  /** Products that no job has, with the reason. */
  readonly notRun: ReadonlyMap<string, string>
  /** In what this is less than the published experiment, if it is; nothing can be said of such figures. */
  readonly trial: string | null
}

/** Looks at the data and the weights; PRODUCT_UNKNOWN for a product that the experiment does not have. */
export async function planExperiment(request: ExperimentRequest): Promise<ExperimentPlan> {
  const { preset } = request
  const notRun = new Map<string, string>()
  const asked = choose(preset, request.products)
  for (const product of preset.products)
    if (!asked.includes(product)) notRun.set(product, 'it was not asked for')
  const { products: found } = await readDataset(request.data)
  const here: string[] = []
  for (const name of asked) {
    const lack = lackOf(found.find((product) => product.name === name))
    if (lack === null) here.push(name)
    else notRun.set(name, `${lack} in ${request.data}`)
  }
  const { missing, others } = await lookForWeights(preset)
  const trial = trialOf(request, here.length, others)
  if (missing !== null) {
    for (const product of here) notRun.set(product, `${missing.message} ${missing.hint}`)
    return { jobs: [], notRun, trial }
  }
  const jobs =
    preset.kind === 'model' ? modelJobs(preset, request, here) : await stepsJobs(preset, request, here)
  return { jobs, notRun, trial }
}

function choose(preset: Preset, wanted: readonly string[] | undefined): readonly string[] {
  for (const product of wanted ?? [])
    if (!preset.products.includes(product)) {
      const known = preset.products
      throw new AssayError('PRODUCT_UNKNOWN', { product, known, suggestion: suggest(product, known) })
    }
  return wanted === undefined
    ? preset.products
    : preset.products.filter((product) => wanted.includes(product))
}

/** What an experiment needs of a product and does not find. */
function lackOf(product: Product | undefined): string | null {
  if (product === undefined) return 'there is no such product'
  const { samples } = product
  if (!samples.some((s) => s.split === 'train' && s.label === 'good')) return 'it has no good training images'
  if (!samples.some((s) => s.split === 'test' && s.label !== 'unknown'))
    return 'it has no labelled test images'
  return null
}

interface NeededWeights {
  /** The first that is not on this machine. */
  readonly missing: AssayError | null
  /** Those that are here in another file than the published one. */
  readonly others: readonly string[]
}

async function lookForWeights(preset: Preset): Promise<NeededWeights> {
  const ids = preset.kind === 'model' ? backboneWeights(preset) : [preset.backbone, 'sam-vit-h', 'sam-vit-b']
  const others: string[] = []
  for (const id of ids) {
    try {
      if (!(await findWeights(id)).isPublished) others.push(id)
    } catch (error) {
      if (error instanceof AssayError && error.code === 'WEIGHTS_MISSING') return { missing: error, others }
      throw error
    }
  }
  return { missing: null, others }
}

function backboneWeights({ recipe }: ModelPreset): readonly string[] {
  const { weights } = findBackbone(mergeRecipe(recipe).features.backbone)
  return 'published' in weights ? [weights.published] : []
}

function modelJobs(preset: ModelPreset, request: ExperimentRequest, products: readonly string[]): BenchJob[] {
  const { data, threads, workers, device, memoryBytes, resume = false } = request
  const recipe = shorten(preset.recipe, request)
  const jobOf = (set: string, own: readonly string[]): BenchJob =>
    planModelJob({
      set,
      data,
      products: own,
      training: { recipe, mode: 'paper' },
      threads,
      workers,
      device,
      memoryBytes,
      keepModel: true,
      resume,
    })
  if (preset.setting === 'single') return products.map((product) => jobOf(product, [product]))
  if (products.length === 0) return []
  return [jobOf(products.length === preset.products.length ? 'all' : products.join('+'), products)]
}

/** The recipe with fewer epochs or a number of steps, in whichever method it is. */
function shorten(recipe: PartialRecipe, { epochs, steps }: ExperimentRequest): PartialRecipe {
  const fewer = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined ? {} : { steps, stepsPerExtraProduct: 0 }),
  }
  return recipe.method === 'robis'
    ? { ...recipe, inpFormer: { ...recipe.inpFormer, ...fewer } }
    : { ...recipe, cras: { ...recipe.cras, ...fewer } }
}

async function stepsJobs(
  preset: StepsPreset,
  { data, out, epochs = preset.epochs, steps = 0, threads, workers, device = 'cpu' }: ExperimentRequest,
  products: readonly string[],
): Promise<StepsJob[]> {
  const jobs: StepsJob[] = []
  for (const product of products) {
    const settings = parseStepSettings({
      device,
      original_data_path: data,
      data_path: path.join(out, 'tile'),
      mvtecad2_class_list: [product],
      save_dir: path.join(out, 'model'),
      amap_savedir: path.join(out, 'map'),
      bin_savedir: path.join(out, 'mask'),
      encoder: preset.encoder,
      total_epochs: epochs,
    })
    const splits: StepsJob['settings']['test_type'][] = [preset.measuredSplit]
    for (const split of preset.hiddenSplits)
      if (await isFolder(path.join(data, product, split))) splits.push(split)
    const recipe = hashRecipe(mergeRecipe({ method: 'robis', mode: 'paper', inpFormer: { epochs, steps } }))
    const identity = {
      set: product,
      method: 'robis',
      profile: 'published steps',
      backbone: preset.backbone,
      recipe,
      seed: publishedSeed,
    }
    jobs.push({
      kind: 'steps',
      identity,
      folder: folderOf(identity),
      settings,
      splits,
      steps,
      seed: publishedSeed,
      threads,
      workers,
      device,
    })
  }
  return jobs
}

const publishedSeed = 1

async function isFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (status) => status.isDirectory(),
    () => false,
  )
}

function trialOf(
  { preset, epochs, steps }: ExperimentRequest,
  products: number,
  otherWeights: readonly string[],
): string | null {
  const full = publishedEpochs(preset)
  const reasons = otherWeights.map((id) => `weights "${id}" that are not the published file`)
  if (steps !== undefined) reasons.push(`${steps} optimiser steps instead of ${full} epochs`)
  else if (epochs !== undefined && epochs !== full) reasons.push(`${epochs} epochs instead of ${full}`)
  if (preset.setting === 'multi' && products > 0 && products < preset.products.length)
    reasons.push(`one model for ${products} products instead of ${preset.products.length}`)
  return reasons.length === 0 ? null : reasons.join('; ')
}

function publishedEpochs(preset: Preset): number {
  if (preset.kind === 'steps') return preset.epochs
  const { method, cras, inpFormer } = mergeRecipe(preset.recipe)
  return method === 'robis' ? inpFormer.epochs : cras.epochs
}
