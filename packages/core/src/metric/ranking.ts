/**
 * Samples in order of falling score, equal scores taken together: what every ranking metric walks over.
 *
 * A metric folds over (true positives, false positives) at each distinct score, used as a threshold
 * ">=". Grouping equal scores makes the result independent of the order of the samples, as in
 * scikit-learn. The pixel version in `pixel.ts` gives the same walk over sorted typed arrays.
 */
import { AssayError } from '@assay/contract'

export interface Ranking {
  readonly positives: number
  readonly negatives: number
  /**
   * Visits distinct scores, highest first, with how many positives and negatives score at least as high.
   * Scores may be left out where only negatives are added from one to the next: the curve is straight there,
   * and no measure of a threshold improves. The lowest before each positive is always visited.
   */
  walk(visit: (truePositives: number, falsePositives: number, score: number) => void): void
}

/**
 * Ranks scores with their truth (`true` is defect). A score that is not finite is refused with the name
 * of its sample, because every comparison with NaN is false and the metric would be silently wrong.
 */
export function rankScores(
  scores: ArrayLike<number>,
  isDefect: ArrayLike<boolean>,
  names?: readonly string[],
): Ranking {
  const length = scores.length
  if (isDefect.length !== length) {
    throw new Error(`internal: ${length} scores do not fit ${isDefect.length} labels`)
  }
  let positives = 0
  for (let i = 0; i < length; i++) {
    const value = scores[i]!
    if (!Number.isFinite(value)) {
      throw new AssayError('SCORE_NOT_FINITE', { what: names?.[i] ?? `image ${i}`, value: String(value) })
    }
    if (isDefect[i]!) positives++
  }
  const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  return {
    positives,
    negatives: length - positives,
    walk(visit) {
      let truePositives = 0
      for (let i = 0; i < length;) {
        const score = scores[order[i]!]!
        while (i < length && scores[order[i]!] === score) if (isDefect[order[i++]!]!) truePositives++
        visit(truePositives, i - truePositives, score)
      }
    },
  }
}
