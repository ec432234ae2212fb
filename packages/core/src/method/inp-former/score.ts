/** Scoring with a trained INP-Former as graph nodes: how far each token is from its reconstruction. */
import type { GraphBuilder, Value } from '@assay/graph'
import type { PatchScores, ScoreInput } from '../method.ts'
import type { Lookup } from './block.ts'
import {
  addDistances,
  addMean,
  addPrototypes,
  addReconstruction,
  fuseGroups,
  splitGroups,
} from './forward.ts'
import { planHead } from './head.ts'

/** 1 - cosine to the reconstruction, the mean over the groups. */
export function addInpFormerScores(
  g: GraphBuilder,
  { scope, rows, fitted, recipe }: Pick<ScoreInput, 'scope' | 'rows' | 'fitted' | 'recipe'>,
): PatchScores {
  const plan = planHead(recipe, Number(rows.shape.at(-1)))
  const made = new Map<string, Value>()
  const lookup: Lookup = (name) => {
    const known = made.get(name)
    if (known !== undefined) return known
    const tensor = fitted.tensors[name]
    if (tensor === undefined) throw new Error(`internal: INP-Former has no tensor ${name}`)
    const value = g.constant(tensor, scope + name)
    made.set(name, value)
    return value
  }
  const groups = splitGroups(g, rows, plan)
  const fused = fuseGroups(g, groups)
  const prototypes = addPrototypes(g, fused, plan, lookup)
  const score = addMean(g, addDistances(g, groups, addReconstruction(g, fused, prototypes, plan, lookup)))
  return { image: score, map: score }
}
