/** Folds the batch norms of a PyTorch EfficientNet-Lite checkpoint into its convolutions. */
import { AssayError } from '@assay/contract'
import type { Tensor } from '@assay/graph'

import type { Checkpoint } from '../../weights/index.ts'
import { foldNorm } from '../fold.ts'
import { weightShape, type EfficientNetLitePlan } from './plan.ts'

/** The eps that the weights were trained with; PyTorch's default is another. */
const eps = 1e-3

/** Folded weights by name, in the order of the plan. A checkpoint of another shape is WEIGHTS_UNREADABLE. */
export async function foldEfficientNetLite(
  checkpoint: Checkpoint,
  plan: EfficientNetLitePlan,
): Promise<Map<string, Tensor>> {
  const read = async (name: string, shape: readonly number[]): Promise<Float32Array> => {
    const { data, dtype, shape: found } = await checkpoint.tensor(name)
    if (
      !(data instanceof Float32Array) ||
      found.length !== shape.length ||
      found.some((d, i) => d !== shape[i])
    )
      throw new AssayError('WEIGHTS_UNREADABLE', {
        path: checkpoint.path,
        reason: `"${name}" is ${dtype} [${found.join(', ')}] instead of float32 [${shape.join(', ')}]`,
      })
    return data
  }

  const folded = new Map<string, Tensor>()
  for (const conv of plan.convs) {
    const shape = weightShape(conv)
    const channel = [conv.output]
    const weight = await read(`${conv.source.conv}.weight`, shape)
    const { weight: data, bias } = foldNorm(weight, {
      gamma: await read(`${conv.source.norm}.weight`, channel),
      beta: await read(`${conv.source.norm}.bias`, channel),
      mean: await read(`${conv.source.norm}.running_mean`, channel),
      variance: await read(`${conv.source.norm}.running_var`, channel),
      eps,
    })
    folded.set(`${conv.name}.weight`, { dtype: 'float32', shape, data })
    folded.set(`${conv.name}.bias`, { dtype: 'float32', shape: channel, data: bias })
  }
  return folded
}
