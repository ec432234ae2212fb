/**
 * Exact nearest neighbours in a memory bank as matrix products inside a graph.
 *
 * |q - c|^2 = |q|^2 + |c|^2 - 2 q.c; the bank is searched in chunks, so that the matrix of distances
 * stays bounded whatever the size of the bank.
 */
import type { GraphBuilder, Value } from '@assay/graph'

/** Entries per matrix product. */
const chunkSize = 4096

export interface SearchOptions {
  /** Entries in the bank. */
  readonly size: number
  /** How many nearest entries `mean` is over; default 1. */
  readonly neighbours?: number
  /** Added to the squared distances (broadcast to `[..., p, size]`), so that entries can be excluded. */
  readonly penalty?: Value | null
}

export interface Nearest {
  /** Euclidean distance to the nearest entry; the query's shape without its last axis. */
  readonly nearest: Value
  /** Mean over the nearest entries: smoother from patch to patch. */
  readonly mean: Value
  /** Row of the nearest entry; same shape, int64. */
  readonly index: Value
  /** Rows of the nearest entries, nearest first, `[..., p, neighbours]`, int64. */
  readonly indices: Value
}

/**
 * Nearest entries of `bank` (`[k, d]`, or `[n, k, d]` with one bank per image) for each row of `queries`
 * (`[..., p, d]`).
 */
export function findNearest(g: GraphBuilder, queries: Value, bank: Value, options: SearchOptions): Nearest {
  const { size, penalty = null } = options
  const neighbours = Math.min(options.neighbours ?? 1, size)
  const rank = bank.shape.length
  const swap = rank === 3 ? [0, 2, 1] : [1, 0]
  // [q, 1] . [-2 c, |c|^2] is the squared distance without |q|^2, in one matrix product whose second factor is
  // made once. The query's own norm does not change which entry is nearest, so it is added after the search.
  const keys = g.concat([g.mul(bank, -2), g.sumSquares(bank, { axes: [-1], keepDims: true })], { axis: -1 })
  const queryRank = queries.shape.length
  const padding = Array.from({ length: queryRank }, (_, axis) => [0, axis === queryRank - 1 ? 1 : 0] as const)
  const extended = g.pad(queries, { pads: padding, value: 1 })
  const found: Candidates[] = []
  for (let start = 0; start < size; start += chunkSize) {
    const end = Math.min(start + chunkSize, size)
    const part = (value: Value, axis: number): Value =>
      end - start === size ? value : g.slice(value, { axes: [axis], starts: [start], ends: [end] })
    let cost = g.matmul(extended, g.transpose(part(keys, rank - 2), swap))
    if (penalty !== null) cost = g.add(cost, part(penalty, -1))
    const best = smallest(g, cost, Math.min(neighbours, end - start))
    found.push({ cost: best.cost, index: start === 0 ? best.index : g.add(best.index, start) })
  }
  const { cost, index } = merge(g, found, neighbours)
  const square = g.add(cost, g.unsqueeze(g.sumSquares(queries, { axes: [-1] }), [-1]))
  const distances = g.sqrt(g.maximum(square, 0))
  const first = (values: Value): Value =>
    g.squeeze(neighbours === 1 ? values : g.slice(values, { axes: [-1], starts: [0], ends: [1] }), [-1])
  return {
    nearest: first(distances),
    mean: g.mean(distances, { axes: [-1] }),
    index: first(index),
    indices: index,
  }
}

/** Costs without the query's norm and indices, `[..., p, neighbours]`, nearest first. */
interface Candidates {
  readonly cost: Value
  readonly index: Value
}

function smallest(g: GraphBuilder, cost: Value, count: number): Candidates {
  // A reduction is several times faster than a general selection.
  if (count === 1)
    return {
      cost: g.min(cost, { axes: [-1], keepDims: true }),
      index: g.argMin(cost, { axis: -1, keepDims: true }),
    }
  const { values, indices } = g.topK(cost, count, { axis: -1, largest: false })
  return { cost: values, index: indices }
}

function merge(g: GraphBuilder, parts: readonly Candidates[], neighbours: number): Candidates {
  const [first] = parts
  if (first === undefined) throw new Error('internal: an empty memory bank')
  if (parts.length === 1) return first
  const cost = g.concat(
    parts.map((p) => p.cost),
    { axis: -1 },
  )
  const index = g.concat(
    parts.map((p) => p.index),
    { axis: -1 },
  )
  const best = smallest(g, cost, neighbours)
  return { cost: best.cost, index: g.gatherElements(index, best.index, { axis: -1 }) }
}
