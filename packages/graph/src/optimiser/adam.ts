/**
 * Adam (arXiv 1412.6980) and AdamW (arXiv 1711.05101), as torch.optim computes them.
 *
 * torch scales the second moment and then adds eps; here numerator and denominator are multiplied by the scale
 * instead, which leaves five passes over the parameters and one scalar.
 */
import type { Operators } from '../operators.ts'
import type { Value } from '../value.ts'
import { defineOptimiser, type Optimiser, type OptimiserInputs } from './optimiser.ts'

export interface AdamOptions {
  /** Default 0.9. */
  readonly beta1?: number
  /** Default 0.999. */
  readonly beta2?: number
  /** Default 1e-8. */
  readonly eps?: number
  /** adam: L2 penalty added to the gradient, default 0. adamW: share of lr taken off the weights, default 0.01. */
  readonly weightDecay?: number
}

const slots = (): readonly string[] => ['mean', 'variance']

/** torch.optim.Adam; weight decay is an L2 penalty. */
export const adam: Optimiser<AdamOptions> = defineOptimiser(slots, (g, inputs, options = {}) => {
  const { weightDecay = 0 } = options
  const update = adamUpdate(g, inputs, options)
  return ({ parameter, gradient, slots: [mean, variance] }) =>
    update(
      parameter,
      weightDecay === 0 ? gradient : g.add(gradient, g.mul(parameter, weightDecay)),
      mean!,
      variance!,
    )
})

/** torch.optim.AdamW; the weights shrink by lr * weightDecay before the step. */
export const adamW: Optimiser<AdamOptions> = defineOptimiser(slots, (g, inputs, options = {}) => {
  const { weightDecay = 0.01 } = options
  const update = adamUpdate(g, inputs, options)
  const kept = g.sub(1, g.mul(inputs.learningRate, weightDecay))
  return ({ parameter, gradient, slots: [mean, variance] }) =>
    update(weightDecay === 0 ? parameter : g.mul(parameter, kept), gradient, mean!, variance!)
})

/** Running averages of the gradient and its square. */
export function moments(
  g: Operators,
  gradient: Value,
  {
    mean,
    variance,
    beta1,
    beta2,
  }: { readonly mean: Value; readonly variance: Value; readonly beta1: number; readonly beta2: number },
): { readonly mean: Value; readonly variance: Value } {
  return {
    mean: g.add(mean, g.mul(g.sub(gradient, mean), 1 - beta1)),
    variance: g.add(g.mul(variance, beta2), g.mul(g.square(gradient), 1 - beta2)),
  }
}

/** 1 - beta^step, a scalar. */
export function biasCorrection(g: Operators, beta: number, step: Value): Value {
  return g.sub(1, g.pow(beta, step))
}

type Update = (
  parameter: Value,
  gradient: Value,
  mean: Value,
  variance: Value,
) => { readonly parameter: Value; readonly slots: readonly Value[] }

function adamUpdate(g: Operators, { step, learningRate }: OptimiserInputs, options: AdamOptions): Update {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options
  const root = g.sqrt(biasCorrection(g, beta2, step))
  const size = g.div(g.mul(learningRate, root), biasCorrection(g, beta1, step))
  const floor = g.mul(root, eps)
  return (parameter, gradient, oldMean, oldVariance) => {
    const { mean, variance } = moments(g, gradient, { mean: oldMean, variance: oldVariance, beta1, beta2 })
    const direction = g.div(mean, g.add(g.sqrt(variance), floor))
    return { parameter: g.sub(parameter, g.mul(direction, size)), slots: [mean, variance] }
  }
}
