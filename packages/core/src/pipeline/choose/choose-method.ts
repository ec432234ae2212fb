/** Which method a training takes: the one asked for, the default, or what `auto` finds out on the data. */
import type { Choice, MethodName } from '@assay/contract'
import { createRandom } from '../../random.ts'
import type { Device } from '../../runtime/index.ts'
import type { RunOptions, TrainEvent } from '../options.ts'
import type { PictureSource } from '../picture-source.ts'
import type { RecipeOptions } from '../recipe.ts'
import { planTrainingSet, type TrainingData, type TrainingProductPlan } from '../training-set.ts'
import { listCandidates, type Candidate } from './candidate.ts'
import { compareMethods } from './compare.ts'
import { leastPictures, readInputs, splitPictures } from './inputs.ts'

export type MethodChoice = MethodName | 'auto'

/** What the benchmark sets favour on average: taken where nothing is asked for, and by `auto` where it cannot tell. */
export const defaultMethod: MethodName = 'cras'
const favoured = 'best mean image AUROC on our benchmark sets, docs/results.md'
/** What docs/decisions/0009-choosing-a-method.md measured. */
const caution =
  `On our benchmark sets such a comparison has not picked better than always taking ${defaultMethod}. ` +
  'A few pictures of real defects tell more: train both and see "assay evaluate".'

export interface ChosenMethod {
  readonly method: MethodName
  readonly reason: string
  /** For the card of the model; null when there was nothing to choose. */
  readonly choice: Choice | null
}

export interface ChooseInput extends Pick<RunOptions, 'maxPixels' | 'signal'> {
  /** Undefined when nothing was said. */
  readonly asked: MethodChoice | undefined
  readonly options: Omit<RecipeOptions, 'method'>
  readonly dataset: TrainingData
  readonly device: Device
  /** What an interrupted run of the same training had chosen. */
  readonly remembered?: ChosenMethod | null
  /** Where the pictures are; files by default. */
  readonly source?: PictureSource | undefined
}

/** Ends with the event `chosen`. */
export async function* chooseMethod(input: ChooseInput): AsyncGenerator<TrainEvent, ChosenMethod> {
  const chosen = input.remembered ?? (yield* choose(input))
  const { method, reason, choice } = chosen
  yield { type: 'chosen', method, reason, comparison: choice?.comparison ?? null }
  return chosen
}

async function* choose(input: ChooseInput): AsyncGenerator<TrainEvent, ChosenMethod> {
  const { asked, options, dataset, device, maxPixels, source, signal } = input
  if (asked === undefined) return { method: defaultMethod, reason: `the default: ${favoured}`, choice: null }
  if (asked !== 'auto') return { method: asked, reason: 'asked for', choice: null }
  const { candidates, leftOut } = listCandidates(options, dataset.products.length)
  const [first, ...others] = candidates
  if (first === undefined) throw new Error('internal: no candidates')
  const { seed, mode } = first.recipe
  if (mode === 'paper') return byRule('paper mode repeats one published method after the other')
  if (others.length === 0) return byRule('nothing else can be trained as asked', first.method)
  const plans = yield* planQuietly(drawProducts(dataset, seed), first, source)
  const parts = splitPictures(plans, seed)
  if (parts === null)
    return byRule(`fewer than ${leastPictures} good images of a product are too few to compare methods on`)
  const read = { plans, parts, recipe: first.recipe, maxPixels, source, signal }
  const products = await readInputs(read)
  if (products.some((p) => p.training.length < 3 || p.heldOut.length < 2))
    return byRule('too few images could be read to compare methods on')
  const compared = yield* compareMethods({ candidates, leftOut, products, seed, device, signal })
  yield { type: 'warning', message: caution }
  const { method, reason } = compared.decision
  return { method, reason, choice: { reason, comparison: compared.comparison } }
}

function byRule(why: string, method: MethodName = defaultMethod): ChosenMethod {
  const reason = method === defaultMethod ? `${why}; ${favoured}` : why
  return { method, reason, choice: { reason, comparison: null } }
}

/** A comparison looks at no more products than this. */
const mostProducts = 3

function drawProducts(dataset: TrainingData, seed: number): TrainingData {
  const count = dataset.products.length
  if (count <= mostProducts) return dataset
  const drawn = new Set(createRandom(seed, 'choose-products').sample(count, mostProducts))
  return { ...dataset, products: dataset.products.filter((_, p) => drawn.has(p)) }
}

/** What the training itself will say of its pictures is not said twice. */
async function* planQuietly(
  dataset: TrainingData,
  { recipe }: Candidate,
  source: PictureSource | undefined,
): AsyncGenerator<TrainEvent, readonly TrainingProductPlan[]> {
  const planning = planTrainingSet(dataset, recipe, source)
  for (;;) {
    const next = await planning.next()
    if (next.done === true) return next.value
    if (next.value.type === 'stage') yield next.value
  }
}
