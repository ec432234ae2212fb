/** ResNet as graph nodes. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import { constantsOf } from '../constant.ts'
import { blocksUpTo, type ConvPlan, type ResNetPlan } from './plan.ts'

/**
 * Appends the network to `g` and gives one value per tap, `[N, channels, H / stride, W / stride]`.
 *
 * `x` is `[N, 3, H, W]` float32, normalised; H and W are multiples of 32 and may be named sizes. `weights` are
 * folded (prepareResNet). Nothing is built behind the last tap that is asked for.
 */
export function buildResNet(
  g: GraphBuilder,
  x: Value,
  plan: ResNetPlan,
  weights: ReadonlyMap<string, Tensor>,
  taps: readonly string[],
): Record<string, Value> {
  const constant = constantsOf(g, weights)
  const addConv = (input: Value, { name, kernel, stride }: ConvPlan): Value => {
    const pad = (kernel - 1) / 2
    return g.conv(input, constant(`${name}.weight`), constant(`${name}.bias`), {
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    })
  }

  const stem = g.relu(addConv(x, plan.stem))
  let current = g.maxPool(stem, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })
  const found: Record<string, Value> = {}
  for (const { convs, shortcut, tap } of blocksUpTo(plan, taps)) {
    let y = current
    for (const [i, conv] of convs.entries()) y = addConv(i === 0 ? y : g.relu(y), conv)
    current = g.relu(g.add(y, shortcut === null ? current : addConv(current, shortcut)))
    if (tap !== null && taps.includes(tap)) found[tap] = current
  }
  return found
}
