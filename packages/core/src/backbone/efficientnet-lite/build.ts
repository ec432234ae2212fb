/** EfficientNet-Lite as graph nodes. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import { constantsOf } from '../constant.ts'
import { convsUpTo, type ConvPlan, type EfficientNetLitePlan } from './plan.ts'

/**
 * Appends the network to `g` and gives one value per tap, `[N, channels, H / stride, W / stride]`.
 *
 * `x` is `[N, 3, H, W]` float32, normalised; H and W are multiples of 32 and may be named sizes. `weights` are
 * folded, float32 or float16 (then widened inside the graph, so that the model file stays small). Nothing is
 * built behind the last tap that is asked for.
 */
export function buildEfficientNetLite(
  g: GraphBuilder,
  x: Value,
  plan: EfficientNetLitePlan,
  weights: ReadonlyMap<string, Tensor>,
  taps: readonly string[],
): Record<string, Value> {
  const constant = constantsOf(g, weights)
  const found = new Map<string, Value>()
  let current = x
  let blockInput = x
  for (const conv of convsUpTo(plan, taps)) {
    const y = g.conv(current, constant(`${conv.name}.weight`), constant(`${conv.name}.bias`), {
      strides: [conv.stride, conv.stride],
      pads: padsOf(conv),
      group: conv.groups,
    })
    // Projections are linear bottlenecks; everything else is clipped to 0..6.
    if (conv.role !== 'project') current = g.clip(y, { min: 0, max: 6 })
    else current = conv.isResidual ? g.add(y, blockInput) : y
    if (conv.role === 'project' || conv.role === 'stem') blockInput = current
    if (conv.tap !== undefined && taps.includes(conv.tap)) found.set(conv.tap, current)
  }

  for (const tap of taps)
    if (!found.has(tap)) throw new Error(`internal: EfficientNet-${plan.variant} has no tap "${tap}" here`)
  return Object.fromEntries(found)
}

/**
 * Zeros around the input, [top, left, bottom, right]. The weights are from TensorFlow, whose 'SAME' padding
 * gives ceil(size / stride) positions and puts the odd zero behind; with stride 2 and even sizes, which
 * multiples of 32 keep all the way down, that is one more zero at the bottom and right.
 */
function padsOf({ kernel, stride }: ConvPlan): [number, number, number, number] {
  const total = kernel - stride
  const before = Math.floor(total / 2)
  const after = total - before
  return [before, before, after, after]
}
