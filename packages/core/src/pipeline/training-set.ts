/**
 * Which pictures a training learns from, which are held out for the thresholds, and at what size.
 *
 * A dataset's own validation images are the held-out ones; without them a seeded share of the training
 * images is kept back.
 */
import { AssayError, type Recipe } from '@assay/contract'
import type { Sample } from '../dataset/index.ts'
import { countInputs, planInput, type InputGeometry, type InputSize } from '../feature/index.ts'
import { readImageHeader } from '../image/index.ts'
import { createRandom } from '../random.ts'
import { mapAhead } from './ahead.ts'
import { toImageError } from './decode.ts'
import { warnAboutPromise } from './limits.ts'
import type { ImageErrorEvent, PlannedProduct, TrainEvent, WarningEvent } from './options.ts'
import { pictureFiles, type PictureSource } from './picture-source.ts'

export interface TrainingProductPlan {
  readonly name: string
  readonly geometry: InputGeometry
  readonly training: readonly string[]
  /** About how many inputs the training pictures become. */
  readonly inputs: number
  readonly heldOut: readonly string[]
}

/** What of a dataset a training looks at. */
export interface TrainingData {
  /** How errors call it. */
  readonly root: string
  readonly products: readonly {
    readonly name: string
    readonly samples: readonly Pick<Sample, 'path' | 'split' | 'label'>[]
  }[]
}

/** Fewer training images than this are worth a warning. */
const few = 10
/** Shapes of pictures that differ by no more than this factor are one shape. */
const alike = 1.05

/** Yields the pictures that cannot be read; throws when a product has too few to learn and to calibrate. */
export async function* planTrainingSet(
  dataset: TrainingData,
  recipe: Recipe,
  source: PictureSource = pictureFiles,
): AsyncGenerator<TrainEvent, readonly TrainingProductPlan[]> {
  const plans: TrainingProductPlan[] = []
  const candidates = dataset.products.map((p) =>
    p.samples.filter((s) => s.label === 'good' && s.split !== 'test'),
  )
  const total = candidates.reduce((sum, c) => sum + c.length, 0)
  let done = 0
  for (const [p, product] of dataset.products.entries()) {
    const good = candidates[p] ?? []
    const sizes = new Map<string, InputSize>()
    const paths = good.map((s) => s.path)
    for await (const { file, header, event } of mapAhead(paths, 16, (file) => readSize(file, source))) {
      if (event === null) sizes.set(file, header)
      else yield event
      done++
      yield { type: 'stage', stage: 'read', done, total }
    }
    const readable = (split: 'train' | 'validation'): string[] =>
      good.filter((s) => s.split === split && sizes.has(s.path)).map((s) => s.path)
    const { training, heldOut } = holdOut(readable('train'), readable('validation'), recipe, p)
    if (training.length + heldOut.length === 0)
      throw new AssayError('DATA_NO_GOOD_IMAGES', { path: dataset.root, product: product.name })
    if (training.length === 0 || heldOut.length === 0)
      throw new AssayError('DATA_TOO_FEW_IMAGES', {
        path: dataset.root,
        product: product.name,
        found: training.length + heldOut.length,
        needed: 2,
      })
    yield* warnings(product.name, training.length, heldOut.length, recipe)
    const known = training.map((file) => sizes.get(file) ?? { height: 1, width: 1 })
    if (recipe.method === 'padim') yield* warnAboutPlaces(product.name, known)
    const geometry = planInput(known, recipe.input)
    const most = windowsPerPicture(recipe, training.length)
    const inputs = known.reduce((sum, s) => sum + Math.min(most, countInputs(s, geometry, recipe.input)), 0)
    plans.push({ name: product.name, geometry, training, inputs, heldOut })
  }
  return plans
}

/** What a training says of a plan before it begins. */
export function describePlan({ name, training, heldOut, geometry }: TrainingProductPlan): PlannedProduct {
  return { name, images: training.length, heldOut: heldOut.length, ...geometry }
}

/** At most so many windows of one picture are learned from. */
export function windowsPerPicture({ input }: Recipe, pictures: number): number {
  return Math.ceil(input.trainingWindows / pictures)
}

async function readSize(
  file: string,
  source: PictureSource,
): Promise<
  { file: string; header: InputSize; event: null } | { file: string; header: null; event: ImageErrorEvent }
> {
  try {
    const { width, height } = await readImageHeader(source.find(file), { name: file })
    return { file, header: { width, height }, event: null }
  } catch (error) {
    return { file, header: null, event: toImageError(file, error) }
  }
}

function holdOut(
  training: readonly string[],
  validation: readonly string[],
  recipe: Recipe,
  product: number,
): { training: readonly string[]; heldOut: readonly string[] } {
  const { holdOut: share, holdOutAtMost } = recipe.calibration
  const random = createRandom(recipe.seed, 'hold-out', product)
  const pick = (from: readonly string[], count: number): Set<number> =>
    new Set(random.sample(from.length, count))
  if (validation.length > 0) {
    const chosen = pick(validation, Math.min(validation.length, holdOutAtMost))
    return { training, heldOut: validation.filter((_, i) => chosen.has(i)) }
  }
  if (training.length < 2) return { training, heldOut: [] }
  const count = Math.min(holdOutAtMost, Math.max(1, Math.round(training.length * share)))
  const chosen = pick(training, count)
  return {
    training: training.filter((_, i) => !chosen.has(i)),
    heldOut: training.filter((_, i) => chosen.has(i)),
  }
}

/** PaDiM compares places: pictures of several shapes are pressed into one, and parts lie elsewhere in them. */
function* warnAboutPlaces(name: string, sizes: readonly InputSize[]): Generator<WarningEvent> {
  const ratios = sizes.map(({ height, width }) => height / width)
  if (Math.max(...ratios) <= alike * Math.min(...ratios)) return
  yield {
    type: 'warning',
    message: `Pictures of product "${name}" have different shapes; padim is for parts that lie in the same place in all pictures.`,
  }
}

function* warnings(name: string, training: number, heldOut: number, recipe: Recipe): Generator<WarningEvent> {
  if (training < few)
    yield {
      type: 'warning',
      message: `Product "${name}" has only ${training} good image${training === 1 ? '' : 's'} to learn from; ${few} or more are better.`,
    }
  yield* warnAboutPromise(name, heldOut, recipe.calibration)
}
