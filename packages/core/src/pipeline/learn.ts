/**
 * What a training does once it knows its pictures: features once, fit, calibrate on held-out ones, prove, compare with the CPU.
 *
 * Without files of its own, so that it runs in a page as on a server.
 */
import { AssayError, cardVersion, type Card, type Choice, type Recipe } from '@assay/contract'
import type { Backbone } from '../backbone/index.ts'
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
import { runtimeVersion, type Device } from '../runtime/index.ts'
import { version } from '../version.ts'
import { calibrateProducts } from './calibrate.ts'
import { extractFeatures, sampleInputs, type ExtractOptions } from './extract.ts'
import { productCard, proveModel } from './finish.ts'
import { passGate } from './gate.ts'
import type { TrainEvent } from './options.ts'

export interface LearnInput extends ExtractOptions {
  readonly backbone: Backbone
  readonly checkpoints: Checkpoints
  /** Budget of the feature cache and the memory bank in bytes, default 2 GB. */
  readonly memoryBytes?: number | undefined
  /** Where features go beyond the budget; null keeps all of them in memory. */
  readonly spillFolder: string | null
  /** Pictures with more pixels are never held whole by the proof; default 36 million. */
  readonly heldPixels?: number | undefined
  /** Where the finished model has to judge as on the CPU. */
  readonly providers: readonly Device[]
  /** How the method was chosen; null when it was asked for. */
  readonly choice: Choice | null
  /** What errors call the data. */
  readonly data: string
  /** What errors call the model. */
  readonly out: string
}

export interface Learned {
  /** The model file. */
  readonly bytes: Uint8Array
  readonly card: Card
  /** Optimiser steps taken. */
  readonly steps: number
}

const defaultMemoryBytes = 2e9

export async function* learn(input: LearnInput): AsyncGenerator<TrainEvent, Learned> {
  const { plans, recipe, backbone, device, checkpoints, signal } = input
  const method = findMethod(recipe.method)
  const plan = await planFeatures(backbone, recipe, sampleInputs(input), device)
  using stores = openStores(input, plan)
  if (stores.warning !== null) yield { type: 'warning', message: stores.warning }
  const { products, damaged, views, files, pictures, sha256 } = yield* extractFeatures(
    input,
    plan,
    stores.list,
  )
  const first = products[0] ?? []
  requireImages(first, input.data)
  const isRouted = plans.length > 1 && (recipe.mode === 'assay' || method.addRoute === undefined)
  const router = isRouted ? await fitRouter(views, plan, device) : null
  const fitted: Fitted[] = []
  for (const [i, store] of stores.list.entries()) {
    const scale = {
      store,
      products: products[i] ?? [],
      damaged: damaged[i] ?? [],
      recipe: { ...recipe, seed: seedOfScale(recipe.seed, i) },
      checkpoints: scopeCheckpoints(checkpoints, `scale${i}-`),
    }
    fitted.push(yield* countOn(method.fit({ ...scale, device, signal }), i, stores.list.length))
  }

  const parts = { plan, method, fitted, router, recipe, products: plans.length }
  const training = pictures.map((own) => own.map((picture) => ({ picture, file: files[picture] ?? '' })))
  const calibrated = yield* calibrateProducts({ ...input, parts, training })
  yield { type: 'stage', stage: 'check', done: 0, total: 1 }
  const model = buildModel({ ...parts, calibrations: calibrated.map((c) => c.limits.image) })
  const proven = await proveModel(model, device, {
    version: cardVersion,
    assay: version,
    method: recipe.method,
    recipe,
    ...(input.choice === null ? {} : { choice: input.choice }),
    sees: 'good',
    weights: { backbone: backbone.card.id, ...backbone.origin },
    data: { images: files.length, sha256 },
    products: plans.map((p, i) => productCard(p, pictures[i]?.length ?? 0, calibrated[i])),
    view: router === null ? null : viewSide,
    samples: [],
    tools: { onnxruntime: runtimeVersion },
  })
  yield { type: 'stage', stage: 'check', done: 1, total: 1 }
  const { providers, source, maxPixels, heldPixels, out } = input
  const parity = yield* passGate({
    model: writeModel(model, proven),
    out,
    devices: providers,
    plans,
    source,
    maxPixels,
    heldPixels,
    signal,
  })
  const card = { ...proven, parity }
  return { bytes: writeModel(model, card), card, steps: fitted.reduce((sum, f) => sum + f.steps, 0) }
}

interface Stores extends Disposable {
  /** One per scale. */
  readonly list: readonly FeatureStore[]
  /** What is said when the budget is too small for what the method holds; null when it is not. */
  readonly warning: string | null
}

/** Features get what the method leaves of the budget, and go to disk beyond it. */
function openStores(
  { plans, recipe, memoryBytes = defaultMemoryBytes, spillFolder }: LearnInput,
  plan: FeaturePlan,
): Stores {
  const fitBytes = fitBytesOf(recipe, plan, plans)
  const budget = spillFolder === null ? Infinity : Math.max(0, memoryBytes - fitBytes)
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
      budgetBytes: (budget * expectedRows) / allRows,
      spillPath: `${spillFolder}/features${i}.bin`,
    }),
  )
  const warning =
    budget === 0
      ? `Learning takes about ${formatMegabytes(fitBytes)} beside the features, more than the ${formatMegabytes(memoryBytes)} of --memory; a smaller memory.candidates or padim.dimensions in a recipe makes it less.`
      : null
  return { list, warning, [Symbol.dispose]: () => list.forEach((store) => store[Symbol.dispose]()) }
}

/** What the fit of the largest scale holds; scales are fitted one after another. */
function fitBytesOf(recipe: Recipe, plan: FeaturePlan, plans: LearnInput['plans']): number {
  const patches = Math.max(
    ...plans.map(({ geometry }) => {
      const grid = gridSize(plan, geometry.height, geometry.width, 1)
      return grid.height * grid.width
    }),
  )
  const size = { recipe, dimension: featureDimension(plan), patches, products: plans.length }
  return findMethod(recipe.method).fitBytes?.(size) ?? 0
}

function formatMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
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

function requireImages(products: readonly TrainingProduct[], path: string): void {
  for (const { name, images } of products)
    if (images.length === 0) throw new AssayError('DATA_NO_GOOD_IMAGES', { path, product: name })
}
