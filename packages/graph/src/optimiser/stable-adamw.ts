/**
 * AdamW whose step is limited where the gradient outgrows its running variance ("stable and low-precision
 * training", arXiv 2304.13013), as INP-Former's StableAdamW computes it.
 *
 * Facts followed from that reference: with AMSGrad the largest variance so far, uncorrected, takes the place of
 * the running one; the limit is on the root mean square of gradient / denominator over each parameter tensor.
 */
import { sizeOf } from '../dtype.ts'
import { biasCorrection, moments, type AdamOptions } from './adam.ts'
import { defineOptimiser, type Optimiser } from './optimiser.ts'
import { isStatic, formatShape } from '../shape.ts'

export interface StableAdamWOptions extends AdamOptions {
  /** Use the largest variance so far. Default false. */
  readonly amsgrad?: boolean
  /** Root mean square of the update ratio beyond which the step is divided by the excess. Default 1. */
  readonly clipThreshold?: number
}

export const stableAdamW: Optimiser<StableAdamWOptions> = defineOptimiser(
  (options) => ['mean', 'variance', ...(options?.amsgrad === true ? ['maxVariance'] : [])],
  (g, { step, learningRate }, options = {}) => {
    const {
      beta1 = 0.9,
      beta2 = 0.999,
      eps = 1e-8,
      weightDecay = 0.01,
      amsgrad = false,
      clipThreshold = 1,
    } = options
    const root = g.sqrt(biasCorrection(g, beta2, step))
    const size = g.div(learningRate, biasCorrection(g, beta1, step))
    const kept = g.sub(1, g.mul(learningRate, weightDecay))
    return ({ parameter, gradient, slots: [oldMean, oldVariance, oldLargest] }) => {
      if (!isStatic(parameter.shape))
        throw new Error(`internal: a parameter has a fixed shape, not ${formatShape(parameter.shape)}`)
      const { mean, variance } = moments(g, gradient, {
        mean: oldMean!,
        variance: oldVariance!,
        beta1,
        beta2,
      })
      const largest = amsgrad ? g.maximum(oldLargest!, variance) : variance
      const denominator = g.add(g.div(g.sqrt(largest), root), eps)
      const ratio = g.mul(g.norm(g.div(gradient, denominator)), 1 / Math.sqrt(sizeOf(parameter.shape)))
      const limited = g.div(size, g.maximum(g.mul(ratio, 1 / clipThreshold), 1))
      const moved = g.sub(g.mul(parameter, kept), g.mul(g.div(mean, denominator), limited))
      return { parameter: moved, slots: [mean, variance, ...(amsgrad ? [largest] : [])] }
    }
  },
)
