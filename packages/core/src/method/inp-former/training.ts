/**
 * One optimiser step of INP-Former as one ONNX model (methods.md, RoBiS 3 and 4).
 *
 * Inputs: rows from which the prototypes are made, rows that are reconstructed (or the same), and the state;
 * outputs: the loss and the next state.
 */
import type { Recipe } from '@assay/contract'
import { stableAdamW, trainStep, type Tensor, type TrainStep } from '@assay/graph'
import { addPrototypes, addReconstruction, fuseGroups, splitGroups } from './forward.ts'
import type { HeadPlan } from './head.ts'
import { addCoherenceLoss, addReconstructionLoss } from './loss.ts'

export interface BatchShape {
  readonly images: number
  /** Tokens of each image that the prototypes are made from. */
  readonly context: number
  /** Tokens of each image that are reconstructed; 0 for those of the context. */
  readonly tokens: number
}

/**
 * The step with its `rows` input `context`, `[images, context, groups * width]`, and, unless they are the same,
 * `tokens`, `[images, tokens, groups * width]`.
 */
export function buildTrainingStep(
  plan: HeadPlan,
  recipe: Recipe['inpFormer'],
  parameters: Readonly<Record<string, Tensor>>,
  { images, context, tokens }: BatchShape,
): TrainStep {
  const dimension = plan.groups * plan.width
  const rows = (count: number) => ({ dtype: 'float32' as const, shape: [images, count, dimension] })
  return trainStep({
    name: 'inp-former-step',
    batch: { context: rows(context), ...(tokens === 0 ? {} : { tokens: rows(tokens) }) },
    parameters,
    forward: (g, { batch, parameter }) => {
      const seen = splitGroups(g, batch('context'), plan)
      const fused = fuseGroups(g, seen)
      const prototypes = addPrototypes(g, fused, plan, parameter)
      const groups = tokens === 0 ? seen : splitGroups(g, batch('tokens'), plan)
      const start = tokens === 0 ? fused : fuseGroups(g, groups)
      const reconstructed = addReconstruction(g, start, prototypes, plan, parameter)
      const coherence = g.mul(addCoherenceLoss(g, fused, prototypes), recipe.coherence)
      return { loss: g.add(addReconstructionLoss(g, groups, reconstructed, recipe.exponent), coherence) }
    },
    groups: [{ optimiser: stableAdamW.with({ amsgrad: true, eps: 1e-10, weightDecay: recipe.decay }) }],
    maxGradientNorm: recipe.gradientNorm,
  })
}
