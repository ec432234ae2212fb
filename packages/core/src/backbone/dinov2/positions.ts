/**
 * Position embeddings brought to the grid of the image, inside the graph, so that one model takes any size.
 *
 * Bicubic interpolation is linear and separable: one matrix `[new, trained]` per axis, made here from the size of
 * the grid. With ONNX's Resize the number of patches would hang on how floor(trained * scale) is rounded.
 */
import type { GraphBuilder, Value } from '@assay/graph'

import type { PositionResizing } from './plan.ts'

/**
 * `positions` is `[trained, trained, channels]`, float32; gives `[h, w, channels]` for the grid of `patches`,
 * `[N, channels, h, w]`, as torch's interpolate does. The trained grid itself comes back unchanged.
 */
export function resizePositions(
  g: GraphBuilder,
  positions: Value,
  patches: Value,
  { antialias, offset }: PositionResizing,
): Value {
  const [trained, , channels] = positions.shape as readonly [number, number, number]
  const [height, width] = patches.shape.slice(2)
  const [rows, columns] = [g.countOf(patches, [2]), g.countOf(patches, [3])]
  // The reference leaves the embeddings alone only where both sides are the trained ones.
  const isTrained = g.and(g.equal(rows, trained), g.equal(columns, trained))
  const shift = g.where(isTrained, 0, offset)
  const matrix = (count: Value): Value => {
    const step = g.div(trained, g.add(count, shift))
    const at = g.reshape(g.range(0, count, 1), [-1, 1])
    const centres = g.sub(g.mul(g.add(at, 0.5), step), 0.5)
    return antialias ? widenedKernel(g, centres, step, trained) : fixedKernel(g, centres, trained)
  }
  const tall = g.matmul(matrix(rows), g.reshape(positions, [trained, trained * channels]))
  const whole = g.matmul(matrix(columns), g.reshape(tall, [height!, trained, channels]))
  return g.reshape(whole, [height!, width!, channels])
}

/** As antialias=True: the kernel is as wide as the step, at least 1, and cut off at the edge of the grid. */
function widenedKernel(g: GraphBuilder, centres: Value, step: Value, trained: number): Value {
  const places = g.range(0, trained, 1)
  const distance = g.div(g.sub(centres, places), g.maximum(step, 1))
  const weights = cubic(g, distance, -0.5)
  return g.div(weights, g.sum(weights, { axes: [1], keepDims: true }))
}

/** As antialias=False: four taps, and those beyond the edge take its value. */
function fixedKernel(g: GraphBuilder, centres: Value, trained: number): Value {
  const beyond = 2
  const places = g.range(-beyond, trained + beyond, 1)
  const weights = cubic(g, g.sub(centres, places), -0.75)
  const toEdge = g.pad(g.eye(trained), {
    pads: [
      [beyond, beyond],
      [0, 0],
    ],
    mode: 'edge',
  })
  return g.matmul(weights, toEdge)
}

/** Keys' cubic convolution kernel, which is 0 from a distance of 2 on. */
function cubic(g: GraphBuilder, offsets: Value, a: number): Value {
  const d = g.clip(g.abs(offsets), { max: 2 })
  const near = g.add(g.mul(g.sub(g.mul(d, a + 2), a + 3), g.square(d)), 1)
  const far = g.mul(g.sub(g.mul(g.add(g.mul(g.sub(d, 5), d), 8), d), 4), a)
  return g.where(g.lessOrEqual(d, 1), near, far)
}
