/** From pixels to what a backbone wants to see, inside the graph. */
import type { GraphBuilder, Value } from '@assay/graph'

import type { BackboneInput } from './card.ts'

/** `[N, H, W, 3]` uint8, red first, to `[N, 3, H, W]` float32 by `(pixel / 255 - mean) / std` per channel. */
export function normaliseImage(g: GraphBuilder, image: Value, { mean, std }: BackboneInput): Value {
  const planes = g.transpose(g.cast(image, 'float32'), [0, 3, 1, 2])
  // (pixel / 255 - mean) / std in one multiplication and one addition; the factors are rounded only once.
  const scale = g.constant({
    dtype: 'float32',
    shape: [1, 3, 1, 1],
    data: Float32Array.from(std, (s) => 1 / (255 * s)),
  })
  const shift = g.constant({
    dtype: 'float32',
    shape: [1, 3, 1, 1],
    data: Float32Array.from(mean, (m, c) => -m / std[c]!),
  })
  return g.add(g.mul(planes, scale), shift)
}
