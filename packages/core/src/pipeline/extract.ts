/**
 * One pass over the training pictures: everything that is learned from is taken here, and no picture is
 * decoded again.
 */
import type { Recipe } from '@assay/contract'
import {
  gridSize,
  openExtractor,
  countInputs,
  prepareInputs,
  type Extractor,
  type FeaturePlan,
  type FeatureStore,
  type InputGeometry,
  type InputPixels,
  type PreparedInput,
} from '../feature/index.ts'
import type { DamagedPatches, TrainingProduct } from '../method/method.ts'
import { viewSide, viewsPerProduct } from '../model/index.ts'
import type { Picture } from '../image/index.ts'
import { createRandom, type Random } from '../random.ts'
import type { Device } from '../runtime/index.ts'
import { sha256Hex } from '../sha256.ts'
import { damagePicture } from '../synthesise/damage.ts'
import { mapAhead } from './ahead.ts'
import { decodeAhead, decodePicture, discardPicture } from './decode.ts'
import type { TrainEvent } from './options.ts'
import type { PictureSource } from './picture-source.ts'
import { windowsPerPicture, type TrainingProductPlan } from './training-set.ts'
import { viewOf } from './view.ts'

/** Pictures per product on which the tap scales are measured, in all about so many. */
const scaleSamples = 32
/** Least share of a patch's area that has to be damaged for the patch to count. */
const leastDamage = 0.25

export interface ExtractOptions {
  readonly plans: readonly TrainingProductPlan[]
  readonly recipe: Recipe
  readonly device: Device
  readonly maxPixels: number | undefined
  /** Where the pictures are; files by default. */
  readonly source?: PictureSource | undefined
  readonly signal: AbortSignal | undefined
}

export interface Extracted {
  /** For each scale: the products with their grids. */
  readonly products: readonly (readonly TrainingProduct[])[]
  /** For each scale. */
  readonly damaged: readonly (readonly DamagedPatches[])[]
  /** Small views of some pictures of each product, for the router; empty lists for one product. */
  readonly views: readonly (readonly Uint8Array[])[]
  /** File of each picture, by its number. */
  readonly files: readonly string[]
  /** Pictures of each product, by their number. */
  readonly pictures: readonly (readonly number[])[]
  /** Over the sums of all pictures. */
  readonly sha256: string
}

/** Inputs from some training pictures of every product; unreadable ones are passed over and reported later. */
export async function* sampleInputs({
  plans,
  recipe,
  maxPixels,
  source,
}: ExtractOptions): AsyncGenerator<InputPixels> {
  for (const [p, plan] of plans.entries()) {
    const count = Math.min(plan.training.length, Math.max(4, Math.floor(scaleSamples / plans.length)))
    const chosen = createRandom(recipe.seed, 'tap-scales', p).sample(plan.training.length, count).sort()
    const files = Array.from(chosen, (i) => plan.training[i] ?? '')
    const windows = createRandom(recipe.seed, 'tap-scales-windows', p)
    const decode = (file: string) => decodePicture(file, maxPixels, source)
    for await (const result of mapAhead(files, decodeAhead, decode, discardPicture)) {
      if ('type' in result) continue
      await using picture = result.picture
      yield* chooseInputs(picture, plan.geometry, recipe, 1, windows)
    }
  }
}

/** Fills the stores, one per scale, and gathers views and damaged patches on the way. */
export async function* extractFeatures(
  options: ExtractOptions,
  plan: FeaturePlan,
  stores: readonly FeatureStore[],
): AsyncGenerator<TrainEvent, Extracted> {
  const { plans, recipe, device, maxPixels, source, signal } = options
  await using extractor = await openExtractor(plan, device)
  const sums: Uint8Array[] = []
  const products: TrainingProduct[][] = plan.scales.map(() => [])
  const damaged: DamagedPatches[][] = plan.scales.map(() => [])
  const views: Uint8Array[][] = []
  const files: string[] = []
  const learned: number[][] = []
  const total = plans.reduce((sum, p) => sum + p.training.length, 0)
  let done = 0
  let image = 0
  for (const [p, { name, geometry, training }] of plans.entries()) {
    const windows = windowsPerPicture(recipe, training.length)
    const images: number[] = []
    const pictures: number[] = []
    const own: Uint8Array[] = []
    const viewed = choose(
      'router-views',
      p,
      training.length,
      plans.length === 1 ? 0 : viewsPerProduct,
      recipe,
    )
    const toDamage = choose('damaged', p, training.length, damagedPerProduct(recipe, plans.length), recipe)
    let before: InputPixels | undefined
    let index = 0
    const decode = (file: string) => decodePicture(file, maxPixels, source)
    for await (const result of mapAhead(training, decodeAhead, decode, discardPicture)) {
      signal?.throwIfAborted()
      if ('type' in result) {
        yield result
      } else {
        await using source = result.picture
        sums.push(result.sha256)
        const picture = files.push(result.file) - 1
        if (viewed.has(index)) own.push(viewOf(source.whole, viewSide))
        const random = createRandom(recipe.seed, 'windows', p, index)
        let isDamaged = !toDamage.has(index)
        for await (const input of chooseInputs(source, geometry, recipe, windows, random)) {
          signal?.throwIfAborted()
          const rows = await extractor.extract(input)
          stores.forEach((store, i) => store.append(rows[i] ?? new Float32Array(), picture))
          images.push(image++)
          if (!isDamaged) {
            isDamaged = true
            const marks = createRandom(recipe.seed, 'damage', p, index)
            const found = await damageInput(extractor, plan, input, before ?? input, rows, marks)
            found.forEach((patches, i) => damaged[i]?.push({ product: p, picture, ...patches }))
          }
          before = input
        }
        pictures.push(picture)
      }
      index++
      yield { type: 'stage', stage: 'features', done: ++done, total }
    }
    for (const [i, scale] of plan.scales.entries()) {
      const grid = gridSize(plan, geometry.height, geometry.width, scale)
      products[i]?.push({ name, images, gridHeight: grid.height, gridWidth: grid.width })
    }
    views.push(own)
    learned.push(pictures)
  }
  const sha256 = await sha256Hex(join(sums))
  return { products, damaged, views, files, pictures: learned, sha256 }
}

/** The damaged patches of one input at every scale; `rows` are its undamaged ones, `other` lends pieces to paste. */
export async function damageInput(
  extractor: Extractor,
  plan: FeaturePlan,
  input: InputPixels,
  other: InputPixels,
  rows: readonly Float32Array[],
  random: Random,
): Promise<readonly Pick<DamagedPatches, 'rows' | 'moved'>[]> {
  const { pixels, mask } = damagePicture(input.pixels, other.pixels, input.width, input.height, random)
  const all = await extractor.extract({ ...input, pixels })
  return plan.scales.map((scale, i) => {
    const grid = gridSize(plan, input.height, input.width, scale)
    return choosePatches(all[i] ?? new Float32Array(), rows[i] ?? new Float32Array(), mask, input, grid)
  })
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** At most `most` inputs of a picture, drawn at random in the order of the picture. */
export function chooseInputs(
  picture: Picture,
  geometry: InputGeometry,
  { input }: Recipe,
  most: number,
  random: Random,
): AsyncGenerator<PreparedInput, void, undefined> {
  const count = countInputs(picture, geometry, input)
  const wanted = count > most ? new Set(random.sample(count, most)) : undefined
  return prepareInputs(picture, geometry, input, wanted)
}

/** A seeded choice of picture numbers. */
function choose(
  purpose: string,
  product: number,
  from: number,
  count: number,
  { seed }: Recipe,
): ReadonlySet<number> {
  return new Set(createRandom(seed, purpose, product).sample(from, Math.min(from, count)))
}

/** Training pictures of a product that are damaged for its method. */
export function damagedPerProduct(recipe: Recipe, products: number): number {
  const { method, mode, cras } = recipe
  const isWanted = method === 'cras' && mode === 'assay' && cras.damagedShare > 0
  return isWanted ? Math.max(20, Math.ceil(cras.damagedImages / products)) : 0
}

/** The patches of a damaged picture whose area was damaged enough, and how far their features moved. */
function choosePatches(
  all: Float32Array,
  good: Float32Array,
  mask: Float32Array,
  input: InputPixels,
  grid: { readonly height: number; readonly width: number },
): { rows: Float32Array; moved: Float32Array } {
  const dimension = all.length / (grid.height * grid.width)
  const chosen: number[] = []
  const moved: number[] = []
  for (let patch = 0; patch < grid.height * grid.width; patch++) {
    if (damagedShare(mask, input, grid, patch) < leastDamage) continue
    let square = 0
    for (let i = patch * dimension; i < (patch + 1) * dimension; i++) square += (all[i]! - good[i]!) ** 2
    chosen.push(patch)
    moved.push(Math.sqrt(square))
  }
  const rows = new Float32Array(chosen.length * dimension)
  chosen.forEach((patch, row) =>
    rows.set(all.subarray(patch * dimension, (patch + 1) * dimension), row * dimension),
  )
  return { rows, moved: Float32Array.from(moved) }
}

/** Mean of the mask over the cell of a patch. */
function damagedShare(
  mask: Float32Array,
  { height, width }: InputPixels,
  grid: { readonly height: number; readonly width: number },
  patch: number,
): number {
  const row = Math.floor(patch / grid.width)
  const column = patch % grid.width
  const top = Math.floor((row * height) / grid.height)
  const bottom = Math.floor(((row + 1) * height) / grid.height)
  const left = Math.floor((column * width) / grid.width)
  const right = Math.floor(((column + 1) * width) / grid.width)
  let sum = 0
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += mask[y * width + x]!
  return sum / ((bottom - top) * (right - left))
}
