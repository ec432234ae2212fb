/** Layers that encoder and decoder have in common, with weights by their names in the checkpoint. */
import type { GraphBuilder, Value } from '@assay/graph'

import type { SamWeights } from './weights.ts'

/** eps of every norm over the channels of an image, and of the encoder's norms; PyTorch's default is another. */
export const eps = 1e-6

/** A weight as part of the graph, under its own name. */
export type Constant = (name: string) => Value

export function constantsOf(g: GraphBuilder, weights: SamWeights): Constant {
  const known = new Map<string, Value>()
  return (name) => {
    const value = known.get(name) ?? g.constant(weights(name), name)
    known.set(name, value)
    return value
  }
}

/** Over the channels (last axis) of tokens. */
export function layerNorm(g: GraphBuilder, constant: Constant, x: Value, name: string, eps: number): Value {
  return g.layerNorm(x, constant(`${name}.weight`), constant(`${name}.bias`), { eps })
}

/** Over the channels of an image `[N, C, H, W]`. */
export function layerNorm2d(g: GraphBuilder, constant: Constant, x: Value, name: string): Value {
  return g.transpose(layerNorm(g, constant, g.transpose(x, [0, 2, 3, 1]), name, eps), [0, 3, 1, 2])
}
