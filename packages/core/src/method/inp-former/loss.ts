/** What INP-Former minimises (methods.md, RoBiS 3). */
import type { GraphBuilder, Value } from '@assay/graph'
import { addDistances, addMean } from './forward.ts'

/** Below this a length counts as this, as in torch's cosine_similarity. */
const leastLength = 1e-8

/**
 * Mean over the groups of 1 - cosine between whole maps, flattened: `[n, tokens, width]` against its
 * reconstruction. The gradient of each token is multiplied by (distance / mean distance)^exponent, so that
 * what is reconstructed well already is left alone.
 */
export function addReconstructionLoss(
  g: GraphBuilder,
  groups: readonly Value[],
  reconstructed: readonly Value[],
  exponent: number,
): Value {
  const distances = addDistances(g, groups, reconstructed)
  const losses = groups.map((group, i) => {
    const distance = distances[i]
    const own = reconstructed[i]
    if (distance === undefined || own === undefined)
      throw new Error(`internal: group ${i} is not reconstructed`)
    const factor = g.pow(g.div(distance, g.mean(distance)), exponent)
    const hard = g.scaleGradient(own, g.stopGradient(g.unsqueeze(factor, [-1])))
    const flat = (x: Value): Value => g.reshape(x, [0, -1])
    return g.mean(g.sub(1, g.cosineSimilarity(flat(group), flat(hard), { axis: 1 })))
  })
  return addMean(g, losses)
}

/** Mean over the tokens of the smallest 1 - cosine to a prototype of their image. */
export function addCoherenceLoss(g: GraphBuilder, tokens: Value, prototypes: Value): Value {
  const unit = (x: Value): Value => g.normalise(x, { axis: -1, eps: leastLength })
  const cosine = g.matmul(unit(tokens), g.transpose(unit(prototypes), [0, 2, 1]))
  return g.mean(g.sub(1, g.max(cosine, { axes: [-1] })))
}
