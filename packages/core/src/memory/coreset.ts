/**
 * Greedy k-centre coreset: each new entry is the candidate farthest from all entries so far.
 *
 * As in PatchCore (Roth et al. 2022, section 3.2, after Sener and Savarese 2018). Wide candidates are
 * projected to 128 dimensions for the selection only, as there. The candidates stay in one session; a
 * step is one matrix-vector product and one argmax.
 */
import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { randomProjection } from '../feature/projection.ts'
import { createRandom } from '../random.ts'
import { openSession, openStatefulSession, type Device } from '../runtime/index.ts'

/** Selections per run of the session: saves the cost of entering the runtime. */
const perRun = 8
const selectionDimension = 128

export interface CoresetInput {
  /** `[count, dimension]` */
  readonly candidates: Float32Array
  readonly count: number
  readonly dimension: number
  readonly size: number
  readonly seed: number
  readonly device: Device
  readonly signal?: AbortSignal | undefined
}

export interface Coreset {
  /** Indices of the chosen candidates, in the order of choice. */
  readonly chosen: Uint32Array
  /** Largest distance of a candidate to its nearest chosen one, in the space of the selection. */
  readonly radius: number
}

/** Yields how many are chosen so far; chooses all of them when `size` is not smaller than `count`. */
export async function* selectCoreset(input: CoresetInput): AsyncGenerator<number, Coreset> {
  const { count, size, seed, device, signal } = input
  if (size >= count) return { chosen: Uint32Array.from({ length: count }, (_, i) => i), radius: 0 }
  const { points, dimension } = await narrow(input)
  const g = createGraph('coreset')
  // Candidates are columns: a row times a wide matrix runs twice as fast as a tall matrix times a column.
  const x = g.input('x', 'float32', [dimension, count])
  const square = g.input('square', 'float32', [1, count])
  let distance = g.input('distance', 'float32', [1, count])
  let index = g.input('index', 'int64', [1])
  const chosen = []
  const farthest = []
  for (let i = 0; i < perRun; i++) {
    chosen.push(index)
    const centre = g.transpose(g.gather(x, index, { axis: 1 }), [1, 0])
    // |x - c|^2 without the constant |c|^2 would not be comparable between centres, so it is kept.
    const d = g.sub(
      g.add(square, g.sumSquares(centre, { axes: [1], keepDims: true })),
      g.mul(g.matmul(centre, x), 2),
    )
    distance = g.minimum(distance, d)
    index = g.argMax(distance, { axis: 1, keepDims: false })
    farthest.push(g.gather(distance, index, { axis: 1 }))
  }
  g.output('chosen', g.concat(chosen, { axis: 0 }))
  g.output('farthest', g.concat(farthest, { axis: 1 }))
  g.output('distance.next', distance)
  g.output('index.next', index)
  const first = createRandom(seed, 'coreset-start').integer(count)
  await using session = await openStatefulSession(
    writeOnnx(g.build()),
    device,
    'choosing the memory bank',
    { distance: 'distance.next', index: 'index.next' },
    {
      distance: { dtype: 'float32', shape: [1, count], data: new Float32Array(count).fill(3e38) },
      index: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(first)) },
    },
  )
  const feeds = {
    x: { dtype: 'float32', shape: [dimension, count], data: transpose(points, count, dimension) },
    square: { dtype: 'float32', shape: [1, count], data: squares(points, count, dimension) },
  } as const
  const result = new Uint32Array(size)
  let reach = 0
  for (let done = 0; done < size; done += perRun) {
    signal?.throwIfAborted()
    const { chosen, farthest } = await session.step(feeds)
    for (let i = 0; i < perRun && done + i < size; i++) {
      result[done + i] = Number(chosen?.data[i])
      reach = Number(farthest?.data[i])
    }
    yield Math.min(done + perRun, size)
  }
  return { chosen: result, radius: Math.sqrt(Math.max(0, reach)) }
}

/** About how many bytes a selection holds beside its candidates. */
export function coresetBytes(count: number, dimension: number): number {
  const narrow = Math.min(dimension, selectionDimension)
  // Points of the selection, twice for a moment while they are turned, and a few numbers for each.
  return 4 * count * (2 * narrow + 4)
}

/** Takes patches to the space of the selection, `[dimension, narrow]`; null where that is the space of the features. */
export function selectionProjection(dimension: number, seed: number): Tensor | null {
  if (dimension <= selectionDimension) return null
  const data = randomProjection(dimension, selectionDimension, createRandom(seed, 'coreset-projection'))
  return { dtype: 'float32', shape: [dimension, selectionDimension], data }
}

async function narrow(input: CoresetInput): Promise<{ points: Float32Array; dimension: number }> {
  const { candidates, count, dimension, seed, device } = input
  const projection = selectionProjection(dimension, seed)
  if (projection === null) return { points: candidates, dimension }
  const g = createGraph('coreset-projection')
  g.output('y', g.matmul(g.input('x', 'float32', [count, dimension]), g.constant(projection)))
  await using session = await openSession(writeOnnx(g.build()), device, 'projecting patches')
  const { y } = await session.run({ x: { dtype: 'float32', shape: [count, dimension], data: candidates } })
  return { points: y?.data as Float32Array, dimension: selectionDimension }
}

/** `[rows, columns]` as `[columns, rows]`. */
function transpose(points: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(points.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = points[r * columns + c]!
  return result
}

function squares(points: Float32Array, count: number, dimension: number): Float32Array {
  const result = new Float32Array(count)
  for (let row = 0; row < count; row++) {
    let sum = 0
    for (let i = row * dimension; i < (row + 1) * dimension; i++) sum += points[i]! * points[i]!
    result[row] = sum
  }
  return result
}
