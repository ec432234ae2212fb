/** Gradient clipping by the norm over all parameters, as torch.nn.utils.clip_grad_norm_. */
import type { Operators } from '../operators.ts'
import type { Value } from '../value.ts'

/** Scales all gradients by min(1, maxNorm / (norm + 1e-6)), where the norm goes over all of them together. */
export function clipByGlobalNorm(g: Operators, gradients: readonly Value[], maxNorm: number): Value[] {
  const [first, ...rest] = gradients.map((gradient) => g.sumSquares(gradient))
  if (first === undefined) return []
  const norm = g.sqrt(rest.reduce((sum, part) => g.add(sum, part), first))
  const factor = g.clip(g.div(maxNorm, g.add(norm, 1e-6)), { max: 1 })
  return gradients.map((gradient) => g.mul(gradient, factor))
}
