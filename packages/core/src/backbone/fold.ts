/**
 * Folds a batch norm into the convolution before it.
 *
 * y = gamma * (w*x - mean) / sqrt(variance + eps) + beta is the convolution with w * scale and bias
 * beta - mean * scale, where scale = gamma / sqrt(variance + eps). Computed in float64, rounded once.
 */
import { toNumbers, type Tensor } from '@assay/graph'

import type { Checkpoint } from '../weights/index.ts'

/** Numbers per output channel. */
export interface BatchNorm {
  readonly gamma: Float32Array
  readonly beta: Float32Array
  readonly mean: Float32Array
  readonly variance: Float32Array
  readonly eps: number
}

/** Folded numbers of a weight `[out, ...]`. */
export function foldNorm(
  weight: Float32Array,
  { gamma, beta, mean, variance, eps }: BatchNorm,
): { readonly weight: Float32Array; readonly bias: Float32Array } {
  const folded = new Float32Array(weight.length)
  const bias = new Float32Array(gamma.length)
  const perChannel = weight.length / gamma.length
  for (let o = 0; o < gamma.length; o++) {
    const scale = gamma[o]! / Math.sqrt(variance[o]! + eps)
    bias[o] = beta[o]! - mean[o]! * scale
    for (let i = o * perChannel; i < (o + 1) * perChannel; i++) folded[i] = weight[i]! * scale
  }
  return { weight: folded, bias }
}

/** The numbers of a float tensor as float32, which holds those of float16 too. */
export async function readFloats(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const tensor: Tensor = await checkpoint.tensor(name)
  return tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(toNumbers(tensor))
}
