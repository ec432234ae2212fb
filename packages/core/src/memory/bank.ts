/**
 * The memory bank of each product: a greedy coreset of its training patches, with the picture of each.
 *
 * Shared by PatchCore, which scores by the distance to it, and by CRAS in assay mode, whose centres it is.
 */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import type { FitEvent, FitInput } from '../method/method.ts'
import { createRandom } from '../random.ts'
import { selectCoreset } from './coreset.ts'
import { drawPatches } from './patches.ts'

export interface Bank {
  /** `[products, size, dimension]`; a product with fewer patches repeats its first one. */
  readonly entries: Tensor
  /** Picture that each entry comes from, int64 `[products, size]`. */
  readonly pictures: Tensor
  readonly products: number
  readonly size: number
  readonly dimension: number
}

/** Draws candidates and chooses the coreset, product by product; finished products are kept as checkpoints. */
export async function* buildBank(input: FitInput): AsyncGenerator<FitEvent, Bank> {
  const { store, products, recipe, checkpoints } = input
  const { dimension } = store
  const total = products.length * recipe.memory.size
  const parts: { entries: Float32Array; pictures: BigInt64Array }[] = []
  for (const [p, { images }] of products.entries()) {
    const name = `memory-${p}`
    let saved = await checkpoints.load(name)
    if (saved === null) {
      const random = createRandom(recipe.seed, 'memory-candidates', p)
      const { rows, owners, count } = drawPatches(store, images, recipe.memory.candidates, random)
      const selection = selectCoreset({
        candidates: rows,
        count,
        dimension,
        size: recipe.memory.size,
        seed: recipe.seed + p,
        device: input.device,
        signal: input.signal,
      })
      let state = await selection.next()
      while (state.done !== true) {
        yield { type: 'stage', stage: 'memory', done: p * recipe.memory.size + state.value, total }
        state = await selection.next()
      }
      const chosen = state.value
      const entries = new Float32Array(chosen.length * dimension)
      chosen.forEach((c, i) => entries.set(rows.subarray(c * dimension, (c + 1) * dimension), i * dimension))
      saved = {
        entries: { dtype: 'float32', shape: [chosen.length, dimension], data: entries },
        pictures: {
          dtype: 'int64',
          shape: [chosen.length],
          data: BigInt64Array.from(chosen, (c) => BigInt(owners[c] ?? 0)),
        },
      }
      await checkpoints.save(name, saved)
    }
    // Both were written by the lines above, in this process or in the interrupted one.
    parts.push({
      entries: saved['entries']?.data as Float32Array,
      pictures: saved['pictures']?.data as BigInt64Array,
    })
    yield { type: 'stage', stage: 'memory', done: (p + 1) * recipe.memory.size, total }
  }
  return stack(parts, dimension)
}

/** Gathers bank entries in a graph: `[size, d]` for one product, else `[n, size, d]` by the product of each image. */
export function addBank(g: GraphBuilder, entries: Tensor, product: Value | null, scope: string): Value {
  const [, size = 0, dimension = 0] = entries.shape
  if (product === null) return g.constant({ ...entries, shape: [size, dimension] }, `${scope}bank`)
  return g.gather(g.constant(entries, `${scope}bank`), product, { axis: 0 })
}

/** Squared distance added to entries that must not be found; far above any real one. */
export const excluded = 1e12

/** So many entries must be left to judge a picture without its own: no recipe asks for more neighbours. */
const leastOthers = 16
/** And so large a share of the memory. */
const leastShare = 0.25

/**
 * Penalty `[size]` that leaves out the entries of one picture; all zero for a picture that owns too much of the
 * memory. `owners` is int64 `[products, size]`.
 */
export function ownPenalty(owners: Tensor, product: number, picture: number): Float32Array {
  const size = owners.shape[1] ?? 0
  const penalty = new Float32Array(size)
  if (ownersOfTooMuch(owners, product).has(picture)) return penalty
  for (let i = 0; i < size; i++)
    if (Number(owners.data[product * size + i]) === picture) penalty[i] = excluded
  return penalty
}

/**
 * Pictures that own so much of a product's memory that they cannot be judged without their own entries: a
 * single picture does, and the first of many copies of one.
 */
export function ownersOfTooMuch(owners: Tensor, product: number): ReadonlySet<number> {
  const size = owners.shape[1] ?? 0
  const counts = new Map<number, number>()
  for (let i = product * size; i < (product + 1) * size; i++) {
    const picture = Number(owners.data[i])
    counts.set(picture, (counts.get(picture) ?? 0) + 1)
  }
  const most = size - Math.max(leastOthers, size * leastShare)
  return new Set([...counts.keys()].filter((picture) => (counts.get(picture) ?? 0) > most))
}

function stack(
  parts: readonly { entries: Float32Array; pictures: BigInt64Array }[],
  dimension: number,
): Bank {
  const size = Math.max(...parts.map((part) => part.pictures.length))
  const entries = new Float32Array(parts.length * size * dimension)
  const pictures = new BigInt64Array(parts.length * size)
  for (const [p, part] of parts.entries()) {
    for (let i = 0; i < size; i++) {
      const from = i < part.pictures.length ? i : 0
      entries.set(part.entries.subarray(from * dimension, (from + 1) * dimension), (p * size + i) * dimension)
      pictures[p * size + i] = part.pictures[from] ?? 0n
    }
  }
  return {
    entries: { dtype: 'float32', shape: [parts.length, size, dimension], data: entries },
    pictures: { dtype: 'int64', shape: [parts.length, size], data: pictures },
    products: parts.length,
    size,
    dimension,
  }
}
