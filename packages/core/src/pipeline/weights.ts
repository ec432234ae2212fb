/** What a file must hold to be taken for published weights: the tensors of the network that uses them. */
import { backbones, checkTensors } from '../backbone/index.ts'
import { samPlans } from '../refine/sam/plan.ts'
import { checkSamTensors } from '../refine/sam/weights.ts'
import type { WeightsCheck } from '../weights/cache/index.ts'

/** The check for the weights `id`, for `addWeights`; undefined where no network here uses them. */
export function findWeightsCheck(id: string): WeightsCheck | undefined {
  const backbone = backbones.find(({ weights }) => 'published' in weights && weights.published === id)
  if (backbone !== undefined) return (checkpoint) => void checkTensors(backbone, checkpoint)
  const plan = samPlans.find((candidate) => candidate.id === id)
  return plan === undefined ? undefined : (checkpoint) => checkSamTensors(checkpoint, plan)
}
