/**
 * What goes into each optimiser step. A batch depends on the seed and the step alone.
 *
 * Assay mode draws rows from a pool whose centres are known; paper mode takes whole pictures in shuffled
 * passes and leaves the search to the step.
 */
import type { Recipe } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import type { Bank } from '../../memory/bank.ts'
import { createRandom } from '../../random.ts'
import type { FitInput } from '../method.ts'
import { createPasses, type Sample } from '../passes.ts'
import type { Pool, PooledRows } from './pool.ts'

export interface BatchSource {
  /** Good rows per step. */
  readonly rows: number
  /** Damaged rows per step, after the good ones. */
  readonly damagedRows: number
  /** Inputs of a step other than noise, time and state; valid until the next call. */
  fill(step: number): Readonly<Record<string, Tensor>>
}

export function createPoolSource(pool: Pool, bank: Bank, recipe: Recipe): BatchSource {
  const { cras, seed } = recipe
  const { dimension } = bank
  const goodRows = cras.batch * cras.patchesPerImage
  const damagedRows = pool.damaged.count === 0 ? 0 : Math.round(goodRows * cras.damagedShare)
  const total = goodRows + damagedRows
  const rows = new Float32Array(total * dimension)
  const centres = new Float32Array(total * dimension)
  const entries = bank.entries.data as Float32Array
  const draw = (
    from: PooledRows,
    start: number,
    count: number,
    random: ReturnType<typeof createRandom>,
  ): void => {
    for (let row = start; row < start + count; row++) {
      const chosen = random.integer(from.count)
      const centre = from.centres[chosen] ?? 0
      rows.set(from.rows.subarray(chosen * dimension, (chosen + 1) * dimension), row * dimension)
      centres.set(entries.subarray(centre * dimension, (centre + 1) * dimension), row * dimension)
    }
  }
  return {
    rows: goodRows,
    damagedRows,
    fill(step) {
      draw(pool.good, 0, goodRows, createRandom(seed, 'cras-good', step))
      if (damagedRows > 0) draw(pool.damaged, goodRows, damagedRows, createRandom(seed, 'cras-damaged', step))
      return {
        rows: { dtype: 'float32', shape: [total, dimension], data: rows },
        centres: { dtype: 'float32', shape: [total, dimension], data: centres },
      }
    },
  }
}

export function createImageSource(input: FitInput, bank: Bank): BatchSource {
  const { store, recipe } = input
  const { cras } = recipe
  const { dimension } = store
  const perImage = cras.patchesPerImage === 0 ? bank.size : Math.min(cras.patchesPerImage, bank.size)
  const total = cras.batch * perImage
  const rows = new Float32Array(total * dimension)
  const products = new BigInt64Array(total)
  const sample = createSampler(input)
  return {
    rows: total,
    damagedRows: 0,
    fill(step) {
      for (const [i, { image, product }] of sample(step).entries()) {
        const random = createRandom(recipe.seed, 'cras-patches', step, i)
        const wanted = cras.patchesPerImage === 0 ? null : random.sample(store.rowsOf(image), perImage)
        store.read(image, wanted, rows, i * perImage * dimension)
        products.fill(BigInt(product), i * perImage, (i + 1) * perImage)
      }
      return {
        rows: { dtype: 'float32', shape: [total, dimension], data: rows },
        rowProduct: { dtype: 'int64', shape: [total], data: products },
      }
    },
  }
}

/** The images of each step; a pass is cut at `limit`. */
function createSampler({ recipe, products }: FitInput): (step: number) => Sample[] {
  const { cras, seed } = recipe
  const images = products.reduce((sum, p) => sum + p.images.length, 0)
  const perPass = cras.limit < 0 ? images : Math.min(images, cras.limit)
  return createPasses({ products, batch: cras.batch, perPass, seed, stream: 'cras-epoch' })
}
