/**
 * The rows that assay mode trains on, with the centre of each: searched once, used in many steps.
 *
 * Good patches are drawn from all training pictures; damaged ones count only if they moved by a good part
 * of the distance at which good patches find their nearest centre anyway: a patch that hardly moved would
 * teach the discriminator that good is strange. Entries of a patch's own picture are never its centre,
 * unless it owns nearly all of them.
 */
import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { excluded, ownersOfTooMuch, type Bank } from '../../memory/bank.ts'
import { drawPatches } from '../../memory/patches.ts'
import { findNearest } from '../../memory/search.ts'
import { createRandom } from '../../random.ts'
import { openSession, type Session } from '../../runtime/index.ts'
import type { FitEvent, FitInput, FitSize } from '../method.ts'

/** Good patches in the pool, over all products. */
const poolRows = 240_000
/** At most so many of one product. */
const poolRowsPerProduct = 40_000
/** Least movement of a damaged patch, in units of the mean distance of a good one to its centre. */
const leastMove = 0.7
const chunkRows = 2048

/** Rows with their centres. */
export interface PooledRows {
  readonly count: number
  /** `[count, dimension]` */
  readonly rows: Float32Array
  /** Row of the bank, all products' entries one after another. */
  readonly centres: Uint32Array
}

export interface Pool {
  readonly good: PooledRows
  readonly damaged: PooledRows
}

/** Draws the pool and finds every row's centre, product by product. */
export async function* buildPool(input: FitInput, bank: Bank): AsyncGenerator<FitEvent, Pool> {
  const { store, products, damaged, recipe, device, signal } = input
  const { dimension } = store
  const good: Rows[] = []
  const strange: Rows[] = []
  for (const [p, { images }] of products.entries()) {
    const share = Math.min(poolRowsPerProduct, Math.floor(poolRows / products.length))
    const drawn = drawPatches(store, images, share, createRandom(recipe.seed, 'cras-pool', p))
    await using session = await openSession(ownSearchModel(bank, p), device, 'finding the centres')
    const keepOwn = ownersOfTooMuch(bank.pictures, p)
    const search: Search = { session, bank, product: p, keepOwn, signal }
    const found = await findCentres(search, drawn.rows, drawn.owners, dimension)
    good.push({ rows: drawn.rows, centres: found.centres })
    const least = leastMove * mean(found.distances)
    for (const patches of damaged.filter((d) => d.product === p)) {
      const usable = [...patches.moved.keys()].filter((i) => patches.moved[i]! > least)
      if (usable.length === 0) continue
      const rows = new Float32Array(usable.length * dimension)
      usable.forEach((from, to) =>
        rows.set(patches.rows.subarray(from * dimension, (from + 1) * dimension), to * dimension),
      )
      const owners = new Uint32Array(usable.length).fill(patches.picture)
      strange.push({ rows, centres: (await findCentres(search, rows, owners, dimension)).centres })
    }
    yield { type: 'stage', stage: 'head', done: p + 1, total: products.length }
  }
  return { good: join(good, dimension), damaged: join(strange, dimension) }
}

/** About how many bytes `buildPool` holds, whatever the number of pictures. */
export function poolBytes({ dimension, products }: FitSize): number {
  // The rows of each product, and all of them joined.
  return 2 * 4 * dimension * Math.min(poolRows, products * poolRowsPerProduct)
}

interface Rows {
  readonly rows: Float32Array
  readonly centres: Uint32Array
}

function join(parts: readonly Rows[], dimension: number): PooledRows {
  const count = parts.reduce((sum, p) => sum + p.centres.length, 0)
  const rows = new Float32Array(count * dimension)
  const centres = new Uint32Array(count)
  let at = 0
  for (const part of parts) {
    rows.set(part.rows, at * dimension)
    centres.set(part.centres, at)
    at += part.centres.length
  }
  return { count, rows, centres }
}

/** Search in one product's bank that never finds an entry of the row's own picture. */
function ownSearchModel(bank: Bank, product: number): Uint8Array {
  const { size, dimension } = bank
  const part = (t: Tensor, width: number): Tensor['data'] =>
    t.data.slice(product * size * width, (product + 1) * size * width)
  const g = createGraph('own-search')
  const rows = g.input('rows', 'float32', ['rows', dimension])
  const owners = g.input('owners', 'int64', ['rows', 1])
  const pictures = g.constant({ dtype: 'int64', shape: [1, size], data: part(bank.pictures, 1) })
  const entries = g.constant({
    dtype: 'float32',
    shape: [size, dimension],
    data: part(bank.entries, dimension),
  })
  const found = findNearest(g, rows, entries, {
    size,
    penalty: g.where(g.equal(owners, pictures), excluded, 0),
  })
  g.output('index', found.index)
  g.output('distance', found.nearest)
  return writeOnnx(g.build())
}

interface Search {
  readonly session: Session
  readonly bank: Bank
  readonly product: number
  /** Pictures that own so much of the memory that they find their own entries too. */
  readonly keepOwn: ReadonlySet<number>
  readonly signal: AbortSignal | undefined
}

async function findCentres(
  { session, bank, product, keepOwn, signal }: Search,
  rows: Float32Array,
  owners: Uint32Array,
  dimension: number,
): Promise<{ centres: Uint32Array; distances: Float32Array }> {
  const centres = new Uint32Array(owners.length)
  const distances = new Float32Array(owners.length)
  for (let start = 0; start < owners.length; start += chunkRows) {
    signal?.throwIfAborted()
    const end = Math.min(start + chunkRows, owners.length)
    const { index, distance } = await session.run({
      rows: {
        dtype: 'float32',
        shape: [end - start, dimension],
        data: rows.subarray(start * dimension, end * dimension),
      },
      owners: {
        dtype: 'int64',
        shape: [end - start, 1],
        data: BigInt64Array.from(owners.subarray(start, end), (o) => BigInt(keepOwn.has(o) ? -1 : o)),
      },
    })
    distances.set(distance?.data as Float32Array, start)
    const found = index?.data as BigInt64Array
    for (let i = 0; i < found.length; i++) centres[start + i] = product * bank.size + Number(found[i])
  }
  return { centres, distances }
}

function mean(values: Float32Array): number {
  let sum = 0
  for (const v of values) sum += v
  return sum / Math.max(1, values.length)
}
