/**
 * Pictures at other sizes, inside the graph.
 *
 * Antialiased bilinear resizing (the triangle filter of PIL, without its rounding to bytes) as two
 * matrix products whose weights are made from the picture's own size, so that one model takes pictures
 * of every size and any ONNX runtime computes the same.
 */
import type { GraphBuilder, Value } from '@assay/graph'

/** `[n, c, h, w]`, sizes dynamic, to the small square view `[n, c, side, side]`. */
export function addView(g: GraphBuilder, planes: Value, side: number): Value {
  return addResized(g, planes, () => g.constant([side], [], 'int64'), side)
}

/** The sides times `scale`, rounded to multiples of `multipleOf`; see `scaledSide`. */
export function addScaled(g: GraphBuilder, planes: Value, scale: number, multipleOf: number): Value {
  if (scale === 1) return planes
  return addResized(g, planes, (length) => {
    const steps = g.floor(g.add(g.mul(g.cast(length, 'float32'), scale / multipleOf), 0.5))
    return g.mul(g.cast(g.maximum(steps, 1), 'int64'), multipleOf)
  })
}

/** The length that `addScaled` gives a side. */
export function scaledSide(length: number, scale: number, multipleOf: number): number {
  if (scale === 1) return length
  return Math.max(1, Math.floor(Math.fround(length * Math.fround(scale / multipleOf)) + 0.5)) * multipleOf
}

function addResized(g: GraphBuilder, planes: Value, target: (length: Value) => Value, side?: number): Value {
  const rows = addResizeWeights(g, planes, 2, target, side)
  const columns = addResizeWeights(g, planes, 3, target, side)
  return g.matmul(g.matmul(rows, planes), g.transpose(columns, [1, 0]))
}

/** Weights `[target, length of axis]`: row i averages the source pixels under the triangle around its centre. */
function addResizeWeights(
  g: GraphBuilder,
  planes: Value,
  axis: number,
  target: (length: Value) => Value,
  side: number | undefined,
): Value {
  const dim = planes.shape[axis]
  if (dim === undefined) throw new Error(`internal: planes without axis ${axis}`)
  const length = g.gather(g.shapeOf(planes), g.constant([axis], [], 'int64'), { axis: 0 })
  const wanted = target(length)
  const scale = g.div(g.cast(length, 'float32'), g.cast(wanted, 'float32'))
  const reach = g.maximum(scale, 1)
  const sources = g.reshape(g.cast(g.range(0, length, 1), 'float32'), [1, dim])
  const steps = g.cast(g.range(0, wanted, 1), 'float32')
  const places = side === undefined ? g.unsqueeze(steps, [1]) : g.reshape(steps, [side, 1])
  const centres = g.mul(g.add(places, 0.5), scale)
  const distance = g.abs(g.sub(g.add(sources, 0.5), centres))
  const weights = g.relu(g.sub(1, g.div(distance, reach)))
  return g.div(weights, g.sum(weights, { axes: [1], keepDims: true }))
}
