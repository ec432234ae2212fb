/** Reads the convolutions that the taps of a ResNet need, their batch norms folded in. */
import type { Tensor } from '@assay/graph'

import type { Checkpoint } from '../../weights/index.ts'
import { foldNorm, readFloats } from '../fold.ts'
import { blocksUpTo, convsOf, weightShape, type ResNetPlan } from './plan.ts'

/** PyTorch's default, with which the published weights were trained. */
const eps = 1e-5

/** `<conv>.weight` and `<conv>.bias` of the stem and of the blocks, float32. */
export async function prepareResNet(
  checkpoint: Checkpoint,
  plan: ResNetPlan,
  taps: readonly string[],
): Promise<ReadonlyMap<string, Tensor>> {
  const weights = new Map<string, Tensor>()
  for (const conv of [plan.stem, ...convsOf(blocksUpTo(plan, taps))]) {
    const { weight, bias } = foldNorm(await readFloats(checkpoint, `${conv.name}.weight`), {
      gamma: await readFloats(checkpoint, `${conv.norm}.weight`),
      beta: await readFloats(checkpoint, `${conv.norm}.bias`),
      mean: await readFloats(checkpoint, `${conv.norm}.running_mean`),
      variance: await readFloats(checkpoint, `${conv.norm}.running_var`),
      eps,
    })
    weights.set(`${conv.name}.weight`, { dtype: 'float32', shape: weightShape(conv), data: weight })
    weights.set(`${conv.name}.bias`, { dtype: 'float32', shape: [conv.output], data: bias })
  }
  return weights
}
