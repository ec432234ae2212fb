/**
 * Weights of PIL's antialiased bilinear resampling along one axis.
 *
 * A triangle filter that widens with the reduction, so that every source pixel counts. Each output
 * pixel has its own window of weights, normalised to 1.
 */

/** Windows and weights for `count` outputs; window k covers `starts[k]` to `starts[k] + lengths[k] - 1`. */
export interface AxisWeights {
  readonly count: number
  /** Room per output in `weights`: weight j of output k is at `k * taps + j`. */
  readonly taps: number
  readonly starts: Int32Array
  readonly lengths: Int32Array
  readonly weights: Float64Array
}

/** Bits after the binary point of the integer weights for bytes: 8 bits of value and 2 spare below 32. */
export const weightBits = 22

/** Plans resampling of `from` pixels into `to`. */
export function planBilinearAxis(from: number, to: number): AxisWeights {
  const scale = from / to
  const support = Math.max(scale, 1)
  // PIL multiplies by the reciprocal; dividing would differ in the last bit.
  const inverse = 1 / support
  const taps = Math.ceil(support) * 2 + 1
  const starts = new Int32Array(to)
  const lengths = new Int32Array(to)
  const weights = new Float64Array(to * taps)
  for (let k = 0; k < to; k++) {
    const centre = (k + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - support + 0.5))
    const length = Math.min(from, Math.trunc(centre + support + 0.5)) - start
    let sum = 0
    for (let j = 0; j < length; j++) {
      const weight = Math.max(0, 1 - Math.abs((j + start - centre + 0.5) * inverse))
      weights[k * taps + j] = weight
      sum += weight
    }
    for (let j = 0; j < length; j++) weights[k * taps + j]! /= sum
    starts[k] = start
    lengths[k] = length
  }
  return { count: to, taps, starts, lengths, weights }
}

/** The weights as integers of `weightBits` fraction bits, rounded half up. */
export function toIntegerWeights(axis: AxisWeights): Int32Array {
  return Int32Array.from(axis.weights, (w) => Math.trunc(0.5 + w * 2 ** weightBits))
}
