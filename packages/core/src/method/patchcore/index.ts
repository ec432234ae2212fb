/**
 * PatchCore (Roth et al., CVPR 2022, arXiv 2106.08265): the distance of each patch to a memory of good ones.
 *
 * Greedy coreset as published, one bank per product. The map takes the mean distance to
 * `memory.neighbours` entries (1 is as published), which is smoother. Left out on purpose: the reweighting of the image score by the neighbours of
 * the nearest entry; the mean of the strangest patches takes its place (`score.topShare`), which measured
 * better on small backbones. README.md has the figures.
 */
import { addBank, bankBytes, buildBank } from '../../memory/bank.ts'
import { findNearest } from '../../memory/search.ts'
import type { MethodDefinition } from '../method.ts'

export const patchcore: MethodDefinition = {
  id: 'patchcore',
  learnsFrom: 'good',
  fitBytes: bankBytes,
  async *fit(input) {
    const bank = yield* buildBank(input)
    return { tensors: bank.stored, steps: 0, owners: bank.pictures }
  },
  addScores(g, { scope, rows, product, fitted, recipe, penalty }) {
    const { bank, size } = addBank(g, fitted.tensors, product, scope)
    const { neighbours } = recipe.memory
    const { nearest, mean } = findNearest(g, rows, bank, { size, neighbours, penalty })
    return { image: nearest, map: mean }
  },
}
