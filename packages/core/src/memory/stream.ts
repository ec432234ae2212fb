/**
 * A coreset of all patches of a product, however many: they pass through a pool of a fixed size.
 *
 * Merge and reduce, as for coresets in general (Har-Peled and Mazumdar 2004): when the pool is full, the greedy
 * k-centre choice of it takes its place and makes room for more. Patches that lie within the reach of that
 * choice are passed over before they enter, which a matrix product tells; most do, so few choices are needed.
 */
import { createGraph, writeOnnx } from '@assay/graph'
import type { FeatureStore } from '../feature/store.ts'
import { createRandom } from '../random.ts'
import { openSession, type Device, type Session } from '../runtime/index.ts'
import { selectCoreset, selectionProjection } from './coreset.ts'
import type { DrawnPatches } from './patches.ts'
import { findNearest } from './search.ts'

/** A patch within this share of the radius of the last choice is passed over. */
const sieve = 0.5

export interface StreamInput {
  readonly store: FeatureStore
  readonly images: readonly number[]
  /** Patches in the pool; at least twice the size of the coreset are held. */
  readonly capacity: number
  readonly size: number
  readonly seed: number
  readonly device: Device
  readonly signal?: AbortSignal | undefined
}

/** Yields the share of the patches that has been seen; returns the chosen ones, all where there are not more. */
export async function* streamCoreset(input: StreamInput): AsyncGenerator<number, DrawnPatches> {
  const { store, images, size, signal } = input
  const { dimension } = store
  const available = images.reduce((sum, image) => sum + store.rowsOf(image), 0)
  const pool = new Pool(Math.min(available, Math.max(input.capacity, 2 * size)), dimension)
  const order = [...images]
  createRandom(input.seed, 'coreset-stream').shuffle(order)
  await using near = await openSession(nearestModel(input), input.device, 'choosing the memory bank')
  let radius: number | null = null
  for (const [i, image] of order.entries()) {
    signal?.throwIfAborted()
    const rows = new Float32Array(store.rowsOf(image) * dimension)
    store.read(image, null, rows)
    const least = sieve * (radius ?? 0)
    const distances =
      radius === null ? null : await measure(near, rows, pool.rows.subarray(0, size * dimension), input)
    for (let row = 0; row < store.rowsOf(image); row++) {
      if (distances !== null && distances[row]! <= least) continue
      if (pool.isFull) radius = yield* reduce(pool, input, i / order.length)
      pool.add(rows.subarray(row * dimension, (row + 1) * dimension), store.pictureOf(image))
    }
    yield (i + 1) / order.length
  }
  if (pool.count > size) yield* reduce(pool, input, 1)
  const { count, rows, owners } = pool.patches
  // Copies, which let the pool go.
  return { count, rows: rows.slice(), owners: owners.slice() }
}

class Pool {
  readonly rows: Float32Array
  readonly owners: Uint32Array
  count = 0
  readonly #dimension: number

  constructor(capacity: number, dimension: number) {
    this.rows = new Float32Array(capacity * dimension)
    this.owners = new Uint32Array(capacity)
    this.#dimension = dimension
  }

  get isFull(): boolean {
    return this.count === this.owners.length
  }

  get patches(): DrawnPatches {
    const { count } = this
    return {
      count,
      rows: this.rows.subarray(0, count * this.#dimension),
      owners: this.owners.subarray(0, count),
    }
  }

  add(row: Float32Array, owner: number): void {
    this.rows.set(row, this.count * this.#dimension)
    this.owners[this.count++] = owner
  }

  /** Keeps only the given rows, which come in rising order. */
  keep(rows: Uint32Array): void {
    for (const [to, from] of rows.entries()) {
      this.rows.copyWithin(to * this.#dimension, from * this.#dimension, (from + 1) * this.#dimension)
      this.owners[to] = this.owners[from]!
    }
    this.count = rows.length
  }
}

/** Puts the greedy choice of the pool in its place; its radius. */
async function* reduce(pool: Pool, input: StreamInput, seen: number): AsyncGenerator<number, number> {
  const { size, seed, device, signal, store } = input
  const { rows, count } = pool.patches
  const selection = selectCoreset({
    candidates: rows,
    count,
    dimension: store.dimension,
    size,
    seed,
    device,
    signal,
  })
  let state = await selection.next()
  while (state.done !== true) {
    yield seen
    state = await selection.next()
  }
  pool.keep(state.value.chosen.slice().sort())
  return state.value.radius
}

/** Distance of each row to the nearest centre, in the space of the selection. */
function nearestModel({ store, size, seed }: StreamInput): Uint8Array {
  const { dimension } = store
  const g = createGraph('coreset-sieve')
  const projection = selectionProjection(dimension, seed)
  const matrix = projection === null ? null : g.constant(projection)
  const [rows, centres] = (['rows', 'centres'] as const).map((name) => {
    const value = g.input(name, 'float32', [name === 'rows' ? 'n' : size, dimension])
    return matrix === null ? value : g.matmul(value, matrix)
  })
  if (rows === undefined || centres === undefined) throw new Error('internal: a sieve without inputs')
  g.output('nearest', findNearest(g, rows, centres, { size }).nearest)
  return writeOnnx(g.build())
}

async function measure(
  session: Session,
  rows: Float32Array,
  centres: Float32Array,
  { store: { dimension }, size }: StreamInput,
): Promise<Float32Array> {
  const { nearest } = await session.run({
    rows: { dtype: 'float32', shape: [rows.length / dimension, dimension], data: rows },
    centres: { dtype: 'float32', shape: [size, dimension], data: centres },
  })
  return nearest?.data as Float32Array
}
