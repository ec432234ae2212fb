/**
 * A small square view of a picture of any size, inside the graph.
 *
 * Antialiased bilinear resizing (the triangle filter of PIL, without its rounding to bytes) as two
 * matrix products whose weights are made from the picture's own size, so that one model takes pictures
 * of every size and any ONNX runtime computes the same.
 */
import type { GraphBuilder, Value } from '@assay/graph'

/** `[n, c, h, w]`, sizes dynamic, to `[n, c, side, side]`. */
export function addView(g: GraphBuilder, planes: Value, side: number): Value {
  const rows = addResizeWeights(g, planes, 2, side)
  const columns = addResizeWeights(g, planes, 3, side)
  return g.matmul(g.matmul(rows, planes), g.transpose(columns, [1, 0]))
}

/** Weights `[side, length of axis]`: row i averages the source pixels under the triangle around its centre. */
function addResizeWeights(g: GraphBuilder, planes: Value, axis: number, side: number): Value {
  const dim = planes.shape[axis]
  if (dim === undefined) throw new Error(`internal: planes without axis ${axis}`)
  const length = g.gather(g.shapeOf(planes), g.constant([axis], [], 'int64'), { axis: 0 })
  const size = g.cast(length, 'float32')
  const scale = g.div(size, side)
  const reach = g.maximum(scale, 1)
  const positions = g.reshape(g.cast(g.range(0, length, 1), 'float32'), [1, dim])
  const centres = g.mul(
    g.constant(
      Array.from({ length: side }, (_, i) => i + 0.5),
      [side, 1],
      'float32',
    ),
    scale,
  )
  const distance = g.abs(g.sub(g.add(positions, 0.5), centres))
  const weights = g.relu(g.sub(1, g.div(distance, reach)))
  return g.div(weights, g.sum(weights, { axes: [1], keepDims: true }))
}
