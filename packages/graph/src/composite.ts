/** Operators that are compositions of simpler ones, and need no rule of their own. */
import type { AxisOptions, BatchNormTrainingParameters, Operators } from './operators.ts'
import {
  axesOf,
  axisOf,
  broadcastAxes,
  broadcastShapes,
  formatShape,
  sameShape,
  type Dim,
  type Shape,
} from './shape.ts'
import type { Value } from './value.ts'

/** x / max(|x|, eps), as torch.nn.functional.normalize. */
export function normalise(
  g: Operators,
  x: Value,
  { axis, eps = 1e-12 }: AxisOptions & { readonly eps?: number },
): Value {
  return g.div(x, g.clip(g.norm(x, { axes: [axis], keepDims: true }), { min: eps }))
}

/** a.b / (max(|a|, eps) max(|b|, eps)), as torch.nn.functional.cosine_similarity. */
export function cosineSimilarity(
  g: Operators,
  a: Value,
  b: Value,
  { axis, eps = 1e-8 }: AxisOptions & { readonly eps?: number },
): Value {
  const axes = [
    axisOf(axis, Math.max(a.shape.length, b.shape.length)) - Math.max(a.shape.length, b.shape.length),
  ]
  const length = (x: Value): Value => g.clip(g.norm(x, { axes }), { min: eps })
  return g.div(g.sum(g.mul(a, b), { axes }), g.mul(length(a), length(b)))
}

/** Sums away what broadcasting to x's shape had added. */
export function sumToShape(g: Operators, x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  if (!sameShape(broadcastShapes(x.shape, shape), x.shape)) {
    throw new Error(`internal: ${formatShape(x.shape)} cannot be summed to ${formatShape(shape)}`)
  }
  const { leading, ones } = broadcastAxes(x.shape, shape)
  const axes = [...Array.from({ length: leading }, (_, i) => i), ...ones]
  if (leading === 0) return g.sum(x, { axes, keepDims: true })
  const summed = g.sum(x, { axes })
  return ones.length === 0 ? summed : g.reshape(summed, shape)
}

/** One-dimensional operands become a row or a column, which then disappears, as in numpy. */
export function matmulOfAnyRank(
  g: Operators,
  a: Value,
  b: Value,
  product: (a: Value, b: Value) => Value,
): Value {
  const row = a.shape.length === 1 ? g.unsqueeze(a, [0]) : a
  const column = b.shape.length === 1 ? g.unsqueeze(b, [1]) : b
  const y = product(row, column)
  const gone = [...(row === a ? [] : [-2]), ...(column === b ? [] : [-1])]
  return gone.length === 0 ? y : g.squeeze(y, gone)
}

/** Brings the indexed axes to the front, spreads the indices over whole slices, and brings the result back. */
export function scatterAddAlong(
  g: Operators,
  updates: Value,
  indices: Value,
  { axis, size }: AxisOptions & { readonly size: Dim },
): Value {
  const rank = indices.shape.length
  const at = axisOf(axis, updates.shape.length - rank + 1)
  const before = Array.from({ length: at }, (_, i) => i)
  const picked = indices.shape.map((_, i) => at + i)
  const after = updates.shape.map((_, i) => i).slice(at + rank)
  const front = g.transpose(updates, [...picked, ...before, ...after])
  const slices = front.shape.slice(rank)
  const rows = g.reshape(front, [-1, ...slices])
  const column = g.reshape(indices, [-1, ...slices.map(() => 1)])
  const sums = g.scatterElementsAdd(rows, g.expand(column, rows.shape), { axis: 0, shape: [size, ...slices] })
  return g.transpose(sums, [...before.map((i) => i + 1), 0, ...after.map((_, i) => at + 1 + i)])
}

/** torch's bins, which may overlap: one averaging matrix per axis. Even bins are an ordinary pooling. */
export function adaptiveAveragePool(g: Operators, x: Value, sizes: readonly [number, number]): Value {
  const [height, width] = x.shape.slice(2)
  if (typeof height !== 'number' || typeof width !== 'number') {
    throw new Error(
      `internal: adaptiveAveragePool needs a fixed height and width, not ${formatShape(x.shape)}`,
    )
  }
  if (sizes[0] === 1 && sizes[1] === 1) return g.globalAveragePool(x)
  if (height % sizes[0] === 0 && width % sizes[1] === 0) {
    const kernel = [height / sizes[0], width / sizes[1]] as const
    return kernel[0] === 1 && kernel[1] === 1 ? x : g.averagePool(x, { kernel })
  }
  const rows = g.constant(averagingMatrix(height, sizes[0]), [sizes[0], height], x.dtype)
  const columns = g.constant(averagingMatrix(width, sizes[1]), [sizes[1], width], x.dtype)
  return g.matmul(g.matmul(rows, x), g.transpose(columns, [1, 0]))
}

/** `[bins, size]`, row-major: bin i averages positions floor(i size / bins) to ceil((i + 1) size / bins). */
function averagingMatrix(size: number, bins: number): number[] {
  return Array.from({ length: bins }, (_, i) => {
    const [from, to] = [Math.floor((i * size) / bins), Math.ceil(((i + 1) * size) / bins)]
    return Array.from({ length: size }, (_, at) => (at >= from && at < to ? 1 / (to - from) : 0))
  }).flat()
}

interface ChannelStatistics {
  readonly mean: Value
  /** Biased. */
  readonly variance: Value
}

/** The running statistics, moved towards those of the batch as in torch: with the unbiased variance. */
export function runningStatistics(
  g: Operators,
  x: Value,
  batch: ChannelStatistics,
  { mean, variance, momentum = 0.1 }: BatchNormTrainingParameters,
): ChannelStatistics {
  const axes = axesOf(undefined, x.shape.length).filter((axis) => axis !== 1)
  if (axes.every((axis) => x.shape[axis] === 1)) {
    throw new Error(
      `internal: batchNormTraining of ${formatShape(x.shape)} has one value per channel, and no variance`,
    )
  }
  const count = g.countOf(x, axes)
  const unbiased = g.mul(batch.variance, g.div(count, g.sub(count, 1)))
  const towards = (running: Value, current: Value): Value =>
    g.add(g.mul(running, 1 - momentum), g.mul(g.stopGradient(current), momentum))
  return { mean: towards(mean, batch.mean), variance: towards(variance, unbiased) }
}
