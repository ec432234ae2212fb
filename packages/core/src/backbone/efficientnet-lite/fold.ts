/**
 * Folds the batch norms of a PyTorch EfficientNet-Lite checkpoint into its convolutions.
 *
 * y = gamma * (w*x - mean) / sqrt(variance + eps) + beta is the convolution with w * scale and bias
 * beta - mean * scale, where scale = gamma / sqrt(variance + eps). Computed in float64, kept in float32.
 */
import { AssayError } from '@assay/contract'
import type { Tensor } from '@assay/graph'

import type { Checkpoint } from '../../weights/index.ts'
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
    const gamma = await read(`${conv.source.norm}.weight`, channel)
    const beta = await read(`${conv.source.norm}.bias`, channel)
    const mean = await read(`${conv.source.norm}.running_mean`, channel)
    const variance = await read(`${conv.source.norm}.running_var`, channel)
    const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt(variance[i]! + eps))
    const perChannel = weight.length / conv.output
    folded.set(`${conv.name}.weight`, {
      dtype: 'float32',
      shape,
      data: weight.map((w, i) => w * scale[Math.floor(i / perChannel)]!),
    })
    folded.set(`${conv.name}.bias`, {
      dtype: 'float32',
      shape: channel,
      data: beta.map((b, i) => b - mean[i]! * scale[i]!),
    })
  }
  return folded
}
