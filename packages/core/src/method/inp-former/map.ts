/** The anomaly map as published (methods.md, RoBiS 5). */
import type { GraphBuilder, Value } from '@assay/graph'

/** Side of the square map that is smoothed and that the image score is taken from. */
const side = 256
/** Side of the smoothing kernel, in pixels of that map, and the deviation of its Gaussian. */
const kernel = 5
const sigma = 4

/**
 * Scores on the grid, `[n, 1, gridHeight, gridWidth]`, to the smoothed map `[n, 1, size, size]`: to the size of
 * `planes` with corners on corners, to the square without, then a Gaussian cut at two pixels, over zeros beyond
 * the border, which darken it.
 */
export function addPublishedMap(g: GraphBuilder, grid: Value, planes: Value, size: number = side): Value {
  const full = g.resize(grid, { like: planes, mode: 'linear', coordinates: 'align-corners' })
  const square = g.resize(full, { sizes: [size, size], mode: 'linear', coordinates: 'half-pixel' })
  const reach = (kernel - 1) / 2
  const at = (i: number): number => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2))
  const weights = Array.from({ length: kernel ** 2 }, (_, i) => at(Math.floor(i / kernel)) * at(i % kernel))
  const sum = weights.reduce((a, b) => a + b, 0)
  const gaussian = g.constant(
    weights.map((w) => w / sum),
    [1, 1, kernel, kernel],
    'float32',
  )
  return g.conv(square, gaussian, undefined, { pads: reach })
}
