/**
 * AU-sPRO and image AUROC of each kind of defect image against the good ones, and their means: the table of the
 * official MVTec LOCO AD evaluation, whose kinds are logical and structural anomalies.
 *
 * The mean over kinds weighs them alike, whatever their numbers of images; nothing is pooled.
 */
import type { SaturatedMetrics } from '@assay/contract'
import { auroc } from './auroc.ts'
import { meanOfKinds } from './mean-saturated.ts'
import { rankScores } from './ranking.ts'
import { auspro } from './saturated.ts'
import type { FinishedTally } from './tally.ts'

/** Those of the official evaluation; the paper's tables use 0.05. */
const limits = [0.01, 0.05, 0.1, 0.3, 1] as const

/** `kinds` are the defect images by kind, `good` the images without defects; null if there are none. */
export function evaluateSaturated(
  kinds: ReadonlyMap<string, FinishedTally>,
  good: FinishedTally | null,
): SaturatedMetrics {
  const all = Object.fromEntries(Array.from(kinds, ([name, kind]) => [name, evaluateKind(kind, good)]))
  return { ...meanOfKinds(Object.values(all)), kinds: all }
}

function evaluateKind(kind: FinishedTally, good: FinishedTally | null): SaturatedMetrics['kinds'][string] {
  const groups = good === null ? [kind] : [kind, good]
  const imageAuroc = auroc(
    rankScores(
      groups.flatMap((group) => group.scores),
      groups.flatMap((group) => group.isDefect),
    ),
  )
  const [auspro01 = null, auspro05 = null, auspro10 = null, auspro30 = null, auspro100 = null] = auspro(
    kind.defects,
    groups.map((group) => group.pixels.outside),
    limits,
  )
  const values = { imageAuroc, auspro01, auspro05, auspro10, auspro30, auspro100 }
  const why = {
    ...(imageAuroc === null ? { imageAuroc: 'there are no good test images' } : {}),
    ...(auspro05 === null ? { auspro05: 'there is no mask, or none leaves a pixel good' } : {}),
  }
  return { images: kind.scores.length, ...values, ...(Object.keys(why).length > 0 ? { why } : {}) }
}
