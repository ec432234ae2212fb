/** The tensors of a checkpoint as the graphs ask for them: compared with the plan first, then read, early or late. */
import { AssayError } from '@assay/contract'
import type { DeferredTensor, Tensor } from '@assay/graph'

import type { Checkpoint } from '../../weights/index.ts'
import { samTensors, type SamPlan } from './plan.ts'

/** What is asked of a checkpoint here. */
export type SamCheckpoint = Pick<Checkpoint, 'path' | 'has' | 'info' | 'tensor'>

/** One tensor by its name in the checkpoint. */
export type SamWeights = (name: string) => Tensor | DeferredTensor

/** Refuses a checkpoint of another network or size as WEIGHTS_UNSUITABLE, with the first tensor that differs. */
export function checkSamTensors(checkpoint: SamCheckpoint, plan: SamPlan): void {
  for (const [name, shape] of samTensors(plan)) {
    const expected = describe({ dtype: 'float32', shape })
    const is = checkpoint.has(name) ? describe(checkpoint.info(name)) : 'missing'
    if (is !== expected)
      throw new AssayError('WEIGHTS_UNSUITABLE', {
        path: checkpoint.path,
        wanted: `the weights "${plan.id}"`,
        reason: `"${name}" is ${is} instead of ${expected}`,
      })
  }
}

/** Tensors that are read when a model is written; the checkpoint must be open until then. */
export function deferWeights(checkpoint: SamCheckpoint): SamWeights {
  return (name) => {
    const { dtype, shape } = checkpoint.info(name)
    return { dtype, shape, read: async () => (await checkpoint.tensor(name)).data }
  }
}

/** Tensors in memory. */
export async function readWeights(checkpoint: SamCheckpoint, names: readonly string[]): Promise<SamWeights> {
  const read = new Map<string, Tensor>()
  for (const name of names) read.set(name, await checkpoint.tensor(name))
  return (name) => {
    const tensor = read.get(name)
    if (tensor === undefined) throw new Error(`internal: the tensor "${name}" was not read`)
    return tensor
  }
}

function describe({ dtype, shape }: ReturnType<Checkpoint['info']>): string {
  return `${dtype} [${shape.join(', ')}]`
}
