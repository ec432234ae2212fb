/**
 * The centres that residuals are taken from, and the search for the nearest one (methods.md, CRAS 4, 5, 14).
 *
 * Assay mode: the centres are the memory bank, searched by Euclidean distance in the raw feature space.
 * Paper mode: one centre per position, the mean of the adapted features over the product's images,
 * searched by cosine in the adapted space and fixed at the adaptor's start.
 */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import { buildBank, excluded, type Bank, type StoredBank } from '../../memory/bank.ts'
import { findNearest, type SearchOptions } from '../../memory/search.ts'
import type { FitEvent, FitInput } from '../method.ts'

/** The bank of assay mode, or the position-wise means of the raw features, `[products, positions, d]`. */
export async function* buildCentres(input: FitInput): AsyncGenerator<FitEvent, StoredBank> {
  if (input.recipe.cras.centres === 'coreset') return yield* buildBank(input)
  return positionMeans(input)
}

/**
 * Cost that keeps a row from centres of other products, `[rows, size of all banks]`; null when there is one
 * product.
 */
export function addExclusion(g: GraphBuilder, bank: Bank, rowProduct: Value): Value | null {
  if (bank.products === 1) return null
  const total = bank.products * bank.size
  const owner = Array.from({ length: total }, (_, i) => Math.floor(i / bank.size))
  return g.where(g.equal(g.unsqueeze(rowProduct, [1]), g.constant(owner, [1, total], 'int64')), 0, excluded)
}

export interface FoundCentres {
  /** The nearest centre of each row. */
  readonly centres: Value
  /** Distance to it, of the rows' shape without its last axis. */
  readonly nearest: Value
  /** Mean distance to the nearest few. */
  readonly mean: Value
}

/** Nearest centre of each row by Euclidean distance; `bank` is `[k, d]`, or `[n, k, d]` for `[n, p, d]` rows. */
export function addCentreSearch(
  g: GraphBuilder,
  rows: Value,
  bank: Value,
  options: SearchOptions,
): FoundCentres {
  const { index, nearest, mean } = findNearest(g, rows, bank, options)
  return { centres: addGather(g, bank, index), nearest, mean }
}

/** Nearest centre of each row by cosine: adapted rows against adapted centres. On the unit sphere it is the nearest. */
export function addCosineSearch(g: GraphBuilder, adapted: Value, bank: Value, options: SearchOptions): Value {
  const rows = g.normalise(adapted, { axis: -1, eps: 1e-8 })
  const unit = g.normalise(bank, { axis: -1, eps: 1e-8 })
  return addGather(g, bank, findNearest(g, rows, unit, options).index)
}

/**
 * The same where two centres are nearly as near: a product of long vectors rounds by more than they may differ, so the
 * nearest two are compared once more in float64.
 */
export function addCloseCosineSearch(
  g: GraphBuilder,
  adapted: Value,
  bank: Value,
  options: SearchOptions,
): Value {
  if (options.size < 2) return addCosineSearch(g, adapted, bank, options)
  const rows = g.normalise(adapted, { axis: -1, eps: 1e-8 })
  const unit = g.normalise(bank, { axis: -1, eps: 1e-8 })
  const { indices } = findNearest(g, rows, unit, { ...options, neighbours: 2 })
  const [first, second] = g.split(indices, [1, 1], { axis: -1 }).map((index) => g.squeeze(index, [-1]))
  if (first === undefined || second === undefined) throw new Error('internal: a search without two nearest')
  const exact = g.cast(adapted, 'float64')
  // The cosine but for the length of the row, which is the same for both.
  const near = (index: Value): Value => {
    const centre = g.cast(addGather(g, bank, index), 'float64')
    return g.div(
      g.sum(g.mul(exact, centre), { axes: [-1] }),
      g.maximum(g.sqrt(g.sumSquares(centre, { axes: [-1] })), 1e-8),
    )
  }
  return addGather(g, bank, g.where(g.greater(near(second), near(first)), second, first))
}

/** Rows of a bank by index: `[k, d]` by `[...]`, or `[n, k, d]` by `[n, p]`. */
function addGather(g: GraphBuilder, bank: Value, index: Value): Value {
  if (bank.shape.length === 2) return g.gather(bank, index, { axis: 0 })
  const width = bank.shape.at(-1) ?? 0
  // Gather has no batch axis, so the rows of each image's bank are addressed in the flattened one.
  const size = Number(bank.shape[1])
  const flat = g.reshape(bank, [-1, width])
  const n = g.gather(g.shapeOf(index), g.constant([0], [], 'int64'), { axis: 0 })
  const offsets = g.mul(g.range(0, n, 1), size)
  return g.gather(flat, g.add(index, g.reshape(offsets, [index.shape[0] ?? 1, 1])), { axis: 0 })
}

function positionMeans(input: FitInput): StoredBank {
  const { store, products } = input
  const { dimension } = store
  const size = Math.max(...products.map((p) => p.gridHeight * p.gridWidth))
  const entries = new Float32Array(products.length * size * dimension)
  for (const [p, product] of products.entries()) {
    const patches = product.gridHeight * product.gridWidth
    if (patches !== size) throw new Error('internal: position means need one input size for all products')
    const sum = new Float64Array(size * dimension)
    const rows = new Float32Array(size * dimension)
    for (const image of product.images) {
      store.read(image, null, rows)
      for (let i = 0; i < rows.length; i++) sum[i]! += rows[i]!
    }
    for (let i = 0; i < sum.length; i++) entries[p * sum.length + i] = sum[i]! / product.images.length
  }
  const pictures: Tensor = {
    dtype: 'int64',
    shape: [products.length, size],
    data: new BigInt64Array(products.length * size).fill(-1n),
  }
  const bank: Tensor = { dtype: 'float32', shape: [products.length, size, dimension], data: entries }
  return {
    entries: bank,
    stored: { bank },
    pictures,
    products: products.length,
    size,
    dimension,
  }
}
