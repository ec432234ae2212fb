/** Trains the candidates of a group: features once, what they remember once, then each method's own part. */
import { AssayError, type MethodName } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import type { Backbone } from '../../backbone/index.ts'
import {
  createFeatureStore,
  featureDimension,
  gridSize,
  openExtractor,
  planFeatures,
  type FeaturePlan,
  type FeatureStore,
  type InputPixels,
} from '../../feature/index.ts'
import { findMethod } from '../../method/catalogue.ts'
import type { Checkpoints, DamagedPatches, Fitted, TrainingProduct } from '../../method/method.ts'
import { createRandom } from '../../random.ts'
import type { Device } from '../../runtime/index.ts'
import { damagedPerProduct, damageInput } from '../extract.ts'
import type { Candidate, LeftOut } from './candidate.ts'
import type { ComparedProduct } from './inputs.ts'

/** Pictures of a product on which the tap scales are measured. */
const scaleSamples = 16

interface TrainedCandidate extends Candidate {
  readonly fitted: Fitted
  /** What its own part took, features apart. */
  readonly seconds: number
}

export interface TrainedGroup {
  readonly plan: FeaturePlan
  readonly trained: readonly TrainedCandidate[]
  /** Methods whose training failed. */
  readonly leftOut: readonly LeftOut[]
  /** What the features took. */
  readonly seconds: number
}

/** Progress: one more picture of the group's features, or one more part of a method's own work, 0 to 1. */
export type GroupEvent =
  | { readonly type: 'extracted'; readonly seconds: number }
  | { readonly type: 'fitting'; readonly method: MethodName; readonly done: number }

export async function* trainGroup(
  candidates: readonly Candidate[],
  products: readonly ComparedProduct[],
  backbone: Backbone,
  device: Device,
  signal: AbortSignal | undefined,
): AsyncGenerator<GroupEvent, TrainedGroup> {
  const started = performance.now()
  const [first] = candidates
  if (first === undefined) throw new Error('internal: a group without candidates')
  const plan = await planFeatures(backbone, first.recipe, takeSamples(products), device)
  using store = createStore(plan, products)
  const extracted = yield* extractGroup(candidates, plan, products, store, device, signal)
  const seconds = (performance.now() - started) / 1000
  const memory = new Map<string, Readonly<Record<string, Tensor>>>()
  const trained: TrainedCandidate[] = []
  const leftOut: LeftOut[] = []
  for (const candidate of candidates) {
    const { method, recipe } = candidate
    const before = performance.now()
    const fit = findMethod(method).fit({
      store,
      products: extracted.products,
      damaged: method === 'cras' ? extracted.damaged : [],
      recipe,
      device,
      checkpoints: shareMemory(memory),
      signal,
    })
    try {
      let state = await fit.next()
      while (state.done !== true) {
        const event = state.value
        if (event.type === 'step') yield { type: 'fitting', method, done: event.step / event.of }
        state = await fit.next()
      }
      yield { type: 'fitting', method, done: 1 }
      trained.push({ ...candidate, fitted: state.value, seconds: (performance.now() - before) / 1000 })
    } catch (error) {
      if (!(error instanceof AssayError)) throw error
      leftOut.push({ method, reason: error.message })
    }
  }
  return { plan, trained, leftOut, seconds }
}

async function* takeSamples(products: readonly ComparedProduct[]): AsyncGenerator<InputPixels> {
  for (const { training } of products) yield* training.slice(0, scaleSamples)
}

function createStore(plan: FeaturePlan, products: readonly ComparedProduct[]): FeatureStore {
  const expectedRows = products.reduce((sum, { geometry, training }) => {
    const grid = gridSize(plan, geometry.height, geometry.width, 1)
    return sum + training.length * grid.height * grid.width
  }, 0)
  return createFeatureStore({
    dimension: featureDimension(plan),
    expectedRows,
    precision: 'float16',
    budgetBytes: Infinity,
    spillPath: '',
  })
}

interface Extracted {
  readonly products: readonly TrainingProduct[]
  readonly damaged: readonly DamagedPatches[]
}

async function* extractGroup(
  candidates: readonly Candidate[],
  plan: FeaturePlan,
  products: readonly ComparedProduct[],
  store: FeatureStore,
  device: Device,
  signal: AbortSignal | undefined,
): AsyncGenerator<GroupEvent, Extracted> {
  await using extractor = await openExtractor(plan, device)
  const toDamage = Math.max(...candidates.map(({ recipe }) => damagedPerProduct(recipe, products.length)))
  const damaged: DamagedPatches[] = []
  const grids: TrainingProduct[] = []
  let image = 0
  for (const [p, { name, geometry, training }] of products.entries()) {
    const images: number[] = []
    for (const [i, input] of training.entries()) {
      signal?.throwIfAborted()
      const before = performance.now()
      const rows = await extractor.extract(input)
      yield { type: 'extracted', seconds: (performance.now() - before) / 1000 }
      store.append(rows[0] ?? new Float32Array(), image)
      if (i < toDamage) {
        const random = createRandom(candidates[0]?.recipe.seed ?? 0, 'choose-training-damage', p, i)
        const other = training[(i + 1) % training.length] ?? input
        const [patches] = await damageInput(extractor, plan, input, other, rows, random)
        if (patches !== undefined) damaged.push({ product: p, picture: image, ...patches })
      }
      images.push(image++)
    }
    const grid = gridSize(plan, geometry.height, geometry.width, 1)
    grids.push({ name, images, gridHeight: grid.height, gridWidth: grid.width })
  }
  return { products: grids, damaged }
}

/** The coreset is the same for all methods that have one; what else a method keeps is its own and not needed again. */
function shareMemory(memory: Map<string, Readonly<Record<string, Tensor>>>): Checkpoints {
  return {
    load: (name) => Promise.resolve(memory.get(name) ?? null),
    save: (name, tensors) => {
      if (name.startsWith('memory-')) memory.set(name, tensors)
      return Promise.resolve()
    },
  }
}
