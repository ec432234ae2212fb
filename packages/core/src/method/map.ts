/** From scores on the grid to a map of the input's size: what the maps of several methods have in common. */
import type { GraphBuilder, Value } from '@assay/graph'

/** Bilinear, from `[n, 1, gridHeight, gridWidth]` to the size of the planes, `[n, 1, h, w]`. */
export function addUpsampled(g: GraphBuilder, grid: Value, planes: Value): Value {
  return g.resize(grid, { like: planes, mode: 'linear', coordinates: 'half-pixel' })
}

/**
 * scipy's gaussian_filter on `[n, 1, h, w]`: radius 4 sigma, separable, the border mirrored with its edge
 * pixel. ONNX has no such padding, so the mirrored strips are sliced and joined.
 */
export function addGaussian(g: GraphBuilder, x: Value, sigma: number): Value {
  const radius = Math.floor(4 * sigma + 0.5)
  if (radius === 0) return x
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  )
  const sum = weights.reduce((a, b) => a + b, 0)
  const kernel = weights.map((w) => w / sum)
  let smooth = x
  for (const axis of [2, 3]) {
    const mirrored = (starts: number, ends: number): Value => {
      const strip = g.slice(smooth, { axes: [axis], starts: [starts], ends: [ends] })
      return g.slice(strip, { axes: [axis], starts: [-1], ends: [-Infinity], steps: [-1] })
    }
    const padded = g.concat([mirrored(0, radius), smooth, mirrored(-radius, Infinity)], { axis })
    const shape = axis === 2 ? [1, 1, kernel.length, 1] : [1, 1, 1, kernel.length]
    smooth = g.conv(padded, g.constant(kernel, shape, 'float32'))
  }
  return smooth
}
