/** What goes into each optimiser step. A batch depends on the seed and the step alone. */
import type { Tensor } from '@assay/graph'
import { createRandom } from '../../random.ts'
import type { FitInput } from '../method.ts'
import { createPasses } from '../passes.ts'
import type { BatchShape } from './training.ts'

export interface BatchSource {
  readonly shape: BatchShape
  /** Inputs of a step other than time, rate and state; valid until the next call. */
  fill(step: number): Readonly<Record<string, Tensor>>
}

/** Images of one pass: the last incomplete batch is dropped, as in the reference, unless it is the only one. */
export function imagesPerPass({ products, recipe }: Pick<FitInput, 'products' | 'recipe'>): number {
  const { batch } = recipe.inpFormer
  const images = products.reduce((sum, p) => sum + p.images.length, 0)
  return images < batch ? images : images - (images % batch)
}

/**
 * Rows of whole shuffled passes. Where the grids of the products differ, every image shows the prototypes as
 * many of its tokens as the smallest grid has.
 */
export function createBatchSource(input: Pick<FitInput, 'store' | 'products' | 'recipe'>): BatchSource {
  const { store, products, recipe } = input
  const { seed } = recipe
  const { batch, tokensPerImage } = recipe.inpFormer
  const { dimension } = store
  const context = Math.min(...products.map((p) => p.gridHeight * p.gridWidth))
  const tokens = tokensPerImage >= context ? 0 : tokensPerImage
  const sample = createPasses({
    products,
    batch,
    perPass: imagesPerPass(input),
    seed,
    stream: 'inp-former-pass',
  })
  const contextRows = new Float32Array(batch * context * dimension)
  const tokenRows = new Float32Array(batch * tokens * dimension)
  return {
    shape: { images: batch, context, tokens },
    fill(step) {
      for (const [i, { image }] of sample(step).entries()) {
        const rows = store.rowsOf(image)
        const draw = (stream: string, count: number): Uint32Array | null =>
          count === rows ? null : createRandom(seed, stream, step, i).sample(rows, count)
        store.read(image, draw('inp-former-context', context), contextRows, i * context * dimension)
        if (tokens > 0)
          store.read(image, draw('inp-former-tokens', tokens), tokenRows, i * tokens * dimension)
      }
      return {
        context: { dtype: 'float32', shape: [batch, context, dimension], data: contextRows },
        ...(tokens === 0
          ? {}
          : { tokens: { dtype: 'float32', shape: [batch, tokens, dimension], data: tokenRows } }),
      }
    },
  }
}
