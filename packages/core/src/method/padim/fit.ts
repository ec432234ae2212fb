/**
 * Mean and whitening matrix of every place of the grid, from the stored features.
 *
 * Places are taken in blocks, so that of the features of all pictures only a bounded part is in memory.
 */
import { AssayError } from '@assay/contract'
import { toFloat16Bits } from '@assay/graph'
import { drawPatches } from '../../memory/patches.ts'
import { createRandom } from '../../random.ts'
import type { Fitted, FitEvent, FitInput, FitSize, TrainingProduct } from '../method.ts'
import { fitGaussian, whiten } from './gaussian.ts'

/** Features of a block of places, of all pictures of a product. */
const blockBytes = 128e6
/** A model file is a protobuf message, which ends at 2 GiB; this leaves room for the backbone. */
const mostBytes = 1.9e9
/** Patches from which the spread of the features is estimated. */
const spreadRows = 8192
/** Least ridge: the inverse of its square root is still a half-precision number. */
const leastRidge = 1e-8

/**
 * Tensors: `columns` int64 `[k]`, the values of a feature that are used; `mean` float32 `[products, height, width, k]`
 * and `whitening` float16 `[products, height, width, k, k]`, on one grid that is as high as the highest product's
 * and as wide as the widest's.
 */
export async function* fitPadim(input: FitInput): AsyncGenerator<FitEvent, Fitted> {
  const { products, recipe, store, signal } = input
  const k = Math.min(recipe.padim.dimensions, store.dimension)
  const columns = createRandom(recipe.seed, 'padim-columns').sample(store.dimension, k).sort()
  const height = Math.max(...products.map((p) => p.gridHeight))
  const width = Math.max(...products.map((p) => p.gridWidth))
  const places = height * width
  requireSize(products.length * places * k * k * 2)
  const mean = new Float32Array(products.length * places * k)
  const whitening = new Uint16Array(products.length * places * k * k)
  const total = products.reduce((sum, p) => sum + p.gridHeight * p.gridWidth, 0)
  let done = 0
  for (const [p, product] of products.entries()) {
    const own = product.gridHeight * product.gridWidth
    const count = product.images.length
    const users = usersOf(product, height, width)
    const ridge = ridgeOf(input, product, columns)
    const perBlock = Math.max(1, Math.floor(blockBytes / (count * k * 4)))
    const covariance = new Float64Array(k * k)
    const matrix = new Float64Array(k * k)
    for (let start = 0; start < own; start += perBlock) {
      signal?.throwIfAborted()
      const end = Math.min(start + perBlock, own)
      const block = readBlock(input, product, columns, start, end)
      for (let place = start; place < end; place++) {
        const samples = block.subarray((place - start) * count * k, (place - start + 1) * count * k)
        const centre = fitGaussian(samples, k, covariance)
        for (let i = 0; i < k; i++) covariance[i * k + i]! += ridge
        whiten(covariance, k, matrix)
        const bits = Uint16Array.from(matrix, toFloat16Bits)
        for (const user of users[place] ?? []) {
          mean.set(centre, (p * places + user) * k)
          whitening.set(bits, (p * places + user) * k * k)
        }
      }
      done += end - start
      yield { type: 'stage', stage: 'memory', done, total }
    }
  }
  const shape = [products.length, height, width, k]
  return {
    tensors: {
      columns: { dtype: 'int64', shape: [k], data: BigInt64Array.from(columns, BigInt) },
      mean: { dtype: 'float32', shape, data: mean },
      whitening: { dtype: 'float16', shape: [...shape, k], data: whitening },
    },
    steps: 0,
    owners: null,
  }
}

/** About how many bytes `fitPadim` holds: a block of features, and the Gaussians of all places. */
export function padimBytes({ recipe, dimension, patches, products }: FitSize): number {
  const k = Math.min(recipe.padim.dimensions, dimension)
  return blockBytes + products * patches * k * (2 * k + 4)
}

/**
 * Places of the common grid that take the Gaussian of each place of a product's own: the nearest, as the resizing
 * in the graph finds it.
 */
function usersOf({ gridHeight, gridWidth }: TrainingProduct, height: number, width: number): number[][] {
  const users = Array.from({ length: gridHeight * gridWidth }, (): number[] => [])
  const nearest = (i: number, own: number, common: number): number =>
    Math.min(own - 1, Math.floor(((i + 0.5) * own) / common))
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      users[nearest(y, gridHeight, height) * gridWidth + nearest(x, gridWidth, width)]?.push(y * width + x)
  return users
}

/** The chosen columns of places `start` to `end` of all pictures, `[places, pictures, k]`. */
function readBlock(
  { store }: FitInput,
  { images }: TrainingProduct,
  columns: Uint32Array,
  start: number,
  end: number,
): Float32Array {
  const k = columns.length
  const wanted = Uint32Array.from({ length: end - start }, (_, i) => start + i)
  const rows = new Float32Array(wanted.length * store.dimension)
  const block = new Float32Array(wanted.length * images.length * k)
  for (const [n, image] of images.entries()) {
    store.read(image, wanted, rows)
    for (let place = 0; place < wanted.length; place++) {
      const from = place * store.dimension
      const to = (place * images.length + n) * k
      for (let i = 0; i < k; i++) block[to + i] = rows[from + columns[i]!]!
    }
  }
  return block
}

/** What is added to every variance. */
function ridgeOf({ store, recipe }: FitInput, { images }: TrainingProduct, columns: Uint32Array): number {
  const { ridge, ridgeScale } = recipe.padim
  if (ridge === 'absolute') return Math.max(ridgeScale, leastRidge)
  const { rows, count } = drawPatches(store, images, spreadRows, createRandom(recipe.seed, 'padim-spread'))
  let variance = 0
  for (const column of columns) {
    let sum = 0
    let square = 0
    for (let at = column; at < rows.length; at += store.dimension) {
      sum += rows[at]!
      square += rows[at]! ** 2
    }
    variance += (square / count - (sum / count) ** 2) / columns.length
  }
  return Math.max(ridgeScale * variance, leastRidge)
}

function requireSize(bytes: number): void {
  if (bytes <= mostBytes) return
  throw new AssayError('RECIPE_VALUE_INVALID', {
    key: 'padim.dimensions',
    reason: `the Gaussians of all places and products would take ${(bytes / 1e9).toFixed(1)} GB of the model file, which holds ${(mostBytes / 1e9).toFixed(1)}; fewer dimensions, pixels or products are needed`,
  })
}
