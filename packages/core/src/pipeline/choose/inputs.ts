/**
 * The pictures of a comparison: a seeded part of the good ones, decoded once and kept at the size of the model
 * input. A picture that is cut into windows is represented by one of them.
 */
import type { Recipe } from '@assay/contract'
import type { InputGeometry, InputPixels } from '../../feature/index.ts'
import { createRandom } from '../../random.ts'
import { mapAhead } from '../ahead.ts'
import { decodeAhead, decodePicture, discardPicture } from '../decode.ts'
import { chooseInputs } from '../extract.ts'
import type { PictureSource } from '../picture-source.ts'
import type { TrainingProductPlan } from '../training-set.ts'

/** Pictures over all products, and least of each one. */
const mostHeldOut = 24
const mostTraining = 80
const leastHeldOut = 4
const leastTraining = 8
/** One picture in so many is held out, where there are not enough for the limits above. */
const heldOutOneIn = 3

export interface ComparedProduct {
  readonly name: string
  readonly geometry: InputGeometry
  readonly training: readonly InputPixels[]
  readonly heldOut: readonly InputPixels[]
}

/** Files of a product, by what they are for. */
export interface ComparedFiles {
  readonly training: readonly string[]
  readonly heldOut: readonly string[]
}

/** Null where a product has too few good pictures for a comparison to mean anything. */
export function splitPictures(
  plans: readonly Pick<TrainingProductPlan, 'training' | 'heldOut'>[],
  seed: number,
): readonly ComparedFiles[] | null {
  const shareOf = (most: number, least: number): number => Math.max(least, Math.floor(most / plans.length))
  const parts = plans.map((plan, p) => {
    const files = [...plan.training, ...plan.heldOut].sort()
    createRandom(seed, 'choose-pictures', p).shuffle(files)
    const held = Math.min(shareOf(mostHeldOut, leastHeldOut), Math.floor(files.length / heldOutOneIn))
    const heldOut = files.slice(0, held)
    return { heldOut, training: files.slice(held, held + shareOf(mostTraining, leastTraining)) }
  })
  return parts.some((p) => p.heldOut.length < leastHeldOut || p.training.length < leastTraining)
    ? null
    : parts
}

/** Good pictures of a product from which on a comparison is made. */
export const leastPictures: number = leastHeldOut * heldOutOneIn

export interface ReadOptions {
  readonly plans: readonly Pick<TrainingProductPlan, 'name' | 'geometry'>[]
  readonly parts: readonly ComparedFiles[]
  readonly recipe: Recipe
  readonly maxPixels: number | undefined
  readonly source: PictureSource | undefined
  readonly signal: AbortSignal | undefined
}

/** Pictures that cannot be read are passed over: the training reports them. */
export async function readInputs(options: ReadOptions): Promise<readonly ComparedProduct[]> {
  const { plans, parts, recipe } = options
  const products: ComparedProduct[] = []
  for (const [p, { name, geometry }] of plans.entries()) {
    const files = parts[p] ?? { training: [], heldOut: [] }
    const random = createRandom(recipe.seed, 'choose-windows', p)
    const read = async (list: readonly string[]): Promise<InputPixels[]> => {
      const inputs: InputPixels[] = []
      const decode = (file: string) => decodePicture(file, options.maxPixels, options.source)
      for await (const result of mapAhead(list, decodeAhead, decode, discardPicture)) {
        options.signal?.throwIfAborted()
        if ('type' in result) continue
        await using picture = result.picture
        for await (const input of chooseInputs(picture, geometry, recipe, 1, random)) inputs.push(input)
      }
      return inputs
    }
    products.push({
      name,
      geometry,
      training: await read(files.training),
      heldOut: await read(files.heldOut),
    })
  }
  return products
}
