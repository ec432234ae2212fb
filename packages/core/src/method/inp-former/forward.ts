/**
 * INP-Former from token maps to reconstructed token maps (methods.md, RoBiS 3).
 *
 * Rows hold the groups of token maps side by side, `[n, tokens, groups * width]`, shallow group first. Given
 * the prototypes of an image every token is reconstructed by itself, so the decoder may be asked for some of
 * the tokens while the prototypes see others.
 */
import type { GraphBuilder, Value } from '@assay/graph'
import { addAggregation, addMlp, addPrototypeBlock, type Lookup } from './block.ts'
import type { HeadPlan } from './head.ts'

/** The groups of rows, each `[n, tokens, width]`. */
export function splitGroups(g: GraphBuilder, rows: Value, { width, groups }: HeadPlan): Value[] {
  return groups === 1 ? [rows] : g.split(rows, Array<number>(groups).fill(width), { axis: -1 })
}

/** What the head sees of the groups: their mean, which is the mean of all token maps in them. */
export function fuseGroups(g: GraphBuilder, groups: readonly Value[]): Value {
  return addMean(g, groups)
}

/** The prototypes of each image, `[n, prototypes, width]`, from its fused tokens. */
export function addPrototypes(g: GraphBuilder, tokens: Value, plan: HeadPlan, lookup: Lookup): Value {
  const [n = 1] = tokens.shape
  const start = g.expand(g.unsqueeze(lookup('prototype_token'), [0]), [n, plan.prototypes, plan.width])
  return addAggregation(g, start, tokens, plan, lookup, 'aggregation.0')
}

/** Reconstructed groups, each of the tokens' shape; the last blocks make the first group. */
export function addReconstruction(
  g: GraphBuilder,
  tokens: Value,
  prototypes: Value,
  plan: HeadPlan,
  lookup: Lookup,
): Value[] {
  let x = addMlp(g, tokens, lookup, 'bottleneck.0')
  const outputs: Value[] = []
  for (let block = 0; block < plan.blocks; block++) {
    x = addPrototypeBlock(g, x, prototypes, plan, lookup, `decoder.${block}`)
    outputs.unshift(x)
  }
  const each = plan.blocks / plan.groups
  return Array.from({ length: plan.groups }, (_, i) => addMean(g, outputs.slice(i * each, (i + 1) * each)))
}

/** 1 - cosine of each token and its reconstruction, for every group `[n, tokens]`. */
export function addDistances(
  g: GraphBuilder,
  groups: readonly Value[],
  reconstructed: readonly Value[],
): Value[] {
  return groups.map((group, i) => {
    const own = reconstructed[i]
    if (own === undefined) throw new Error(`internal: group ${i} is not reconstructed`)
    return g.sub(1, g.cosineSimilarity(group, own, { axis: -1 }))
  })
}

export function addMean(g: GraphBuilder, values: readonly Value[]): Value {
  const [first, ...others] = values
  if (first === undefined) throw new Error('internal: the mean of nothing')
  if (others.length === 0) return first
  return g.mul(
    others.reduce((sum, value) => g.add(sum, value), first),
    1 / values.length,
  )
}
