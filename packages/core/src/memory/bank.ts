/**
 * The memory bank of each product: a greedy coreset of its training patches, with the picture of each.
 *
 * Shared by PatchCore, which scores by the distance to it, and by CRAS in assay mode, whose centres it is.
 */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import type { FitEvent, FitInput, FitSize } from '../method/method.ts'
import { createRandom } from '../random.ts'
import { coresetBytes, selectCoreset } from './coreset.ts'
import { drawPatches, type DrawnPatches } from './patches.ts'
import { addEntries, compressEntries, restoreEntries, type StoredEntries } from './precision.ts'
import { streamCoreset } from './stream.ts'

export interface Bank {
  /** `[products, size, dimension]`; a product with fewer patches repeats its first one. */
  readonly entries: Tensor
  /** Picture that each entry comes from, int64 `[products, size]`. */
  readonly pictures: Tensor
  readonly products: number
  readonly size: number
  readonly dimension: number
}

/** A bank with what the model file keeps of it; its entries are the values that this stands for. */
export interface StoredBank extends Bank {
  readonly stored: StoredEntries
}

/** Chooses the coreset, product by product; finished products are kept as checkpoints. */
export async function* buildBank(input: FitInput): AsyncGenerator<FitEvent, StoredBank> {
  const { store, products, recipe, checkpoints } = input
  const { dimension } = store
  const total = products.length * recipe.memory.size
  const parts: { entries: Float32Array; pictures: BigInt64Array }[] = []
  for (const p of products.keys()) {
    const name = `memory-${p}`
    let saved = await checkpoints.load(name)
    if (saved === null) {
      const choice = recipe.memory.consider === 'all' ? chooseOfAll(input, p) : chooseOfDrawn(input, p)
      let state = await choice.next()
      while (state.done !== true) {
        const done = (p + state.value) * recipe.memory.size
        yield { type: 'stage', stage: 'memory', done: Math.floor(done), total }
        state = await choice.next()
      }
      const { rows, owners, count } = state.value
      saved = {
        entries: { dtype: 'float32', shape: [count, dimension], data: rows },
        pictures: { dtype: 'int64', shape: [count], data: BigInt64Array.from(owners, BigInt) },
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
  const bank = stack(parts, dimension)
  const stored = compressEntries(bank.entries, recipe.memory.precision)
  return { ...bank, entries: restoreEntries(stored), stored }
}

/** Yields the share that is done; returns the chosen patches of one product. */
async function* chooseOfDrawn(input: FitInput, product: number): AsyncGenerator<number, DrawnPatches> {
  const { store, products, recipe, device, signal } = input
  const { size, candidates } = recipe.memory
  const random = createRandom(recipe.seed, 'memory-candidates', product)
  const { rows, owners, count } = drawPatches(store, products[product]?.images ?? [], candidates, random)
  const { dimension } = store
  const seed = recipe.seed + product
  const selection = selectCoreset({ candidates: rows, count, dimension, size, seed, device, signal })
  let state = await selection.next()
  while (state.done !== true) {
    yield state.value / size
    state = await selection.next()
  }
  const { chosen } = state.value
  const entries = new Float32Array(chosen.length * dimension)
  chosen.forEach((c, i) => entries.set(rows.subarray(c * dimension, (c + 1) * dimension), i * dimension))
  return { count: chosen.length, rows: entries, owners: chosen.map((c) => owners[c] ?? 0) }
}

function chooseOfAll(input: FitInput, product: number): AsyncGenerator<number, DrawnPatches> {
  const { store, products, recipe, device, signal } = input
  const { size, candidates: capacity } = recipe.memory
  const images = products[product]?.images ?? []
  return streamCoreset({ store, images, capacity, size, seed: recipe.seed + product, device, signal })
}

/** About how many bytes `buildBank` holds beside the stored features. */
export function bankBytes({ recipe, dimension, products }: FitSize): number {
  const { size, candidates, consider } = recipe.memory
  const entries = 2 * products * size * dimension
  const rows = consider === 'all' ? Math.max(candidates, 2 * size) : candidates
  return 4 * (entries + rows * dimension) + coresetBytes(rows, dimension)
}

/** Gathers bank entries in a graph: `[size, d]` for one product, else `[n, size, d]` by the product of each image. */
export function addBank(
  g: GraphBuilder,
  stored: StoredEntries,
  product: Value | null,
  scope: string,
): { readonly bank: Value; readonly size: number } {
  const { entries, size } = addEntries(g, stored, scope, product === null)
  return { bank: product === null ? entries : g.gather(entries, product, { axis: 0 }), size }
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
