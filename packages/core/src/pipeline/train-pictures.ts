/** A training on pictures in memory, for pages and for programs that have no folder: bytes in, a model file out. */
import type { Card } from '@assay/contract'
import { openBackbone } from '../backbone/index.ts'
import { chooseDevice } from '../runtime/index.ts'
import { chooseMethod, type MethodChoice } from './choose/index.ts'
import { learn } from './learn.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { holdPictures, type NamedPicture } from './picture-source.ts'
import { resolveRecipe, type RecipeOptions } from './recipe.ts'
import { describePlan, planTrainingSet, type TrainingData } from './training-set.ts'

export interface TrainPicturesOptions extends RunOptions, Omit<RecipeOptions, 'method'> {
  /** Pictures of good parts, with names that tell all of them apart. */
  readonly products: readonly { readonly name: string; readonly pictures: readonly NamedPicture[] }[]
  /** `auto` compares methods on the pictures first; without one the default is taken. */
  readonly method?: MethodChoice | undefined
}

export interface TrainedPictures {
  /** The model file, the same that `trainModel` writes. */
  readonly bytes: Uint8Array
  readonly card: Card
  readonly seconds: number
}

/** Trains as `trainModel` does, but keeps all features in memory and leaves nothing to resume. */
export async function* trainPictures(
  options: TrainPicturesOptions,
): AsyncGenerator<TrainEvent, TrainedPictures> {
  const started = performance.now()
  const device = await chooseDevice({ device: options.device ?? 'cpu', threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const source = holdPictures(options.products.flatMap((product) => product.pictures))
  const dataset: TrainingData = {
    root: 'the pictures given',
    products: options.products.map(({ name, pictures }) => ({
      name,
      samples: pictures.map((picture) => ({ path: picture.name, split: 'train', label: 'good' })),
    })),
  }
  const asked = options.method ?? options.recipe?.method
  const { maxPixels, signal } = options
  const choosing = { asked, options, dataset, device, source, maxPixels, signal }
  const { method, choice } = yield* chooseMethod(choosing)
  const recipe = resolveRecipe({ ...options, method }, dataset.products.length)
  const backbone = await openBackbone(recipe.features.backbone, recipe.features.taps)
  const plans = yield* planTrainingSet(dataset, recipe, source)
  yield { type: 'data', products: plans.map(describePlan) }
  const { bytes, card } = yield* learn({
    plans,
    recipe,
    backbone,
    device,
    providers: [device],
    choice,
    source,
    checkpoints: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    spillFolder: null,
    maxPixels,
    heldPixels: options.heldPixels,
    signal,
    data: dataset.root,
    out: 'the model',
  })
  return { bytes, card, seconds: (performance.now() - started) / 1000 }
}
