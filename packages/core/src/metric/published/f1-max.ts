/**
 * `inp-former-f1-max` and `robis-f1-max`: F1-max with an epsilon in the denominator, 2PR / (P + R + epsilon).
 *
 * INP-Former adds 1e-7 and leaves out the last point of scikit-learn's curve, which has no threshold and an F1
 * of 0; RoBiS adds 1e-8 and keeps it. Both are below the exact F1-max by about epsilon / 2. CRAS has a
 * function for it without an epsilon, which it never calls.
 */
import type { Ranking } from '../ranking.ts'

export function inpFormerF1Max(ranking: Ranking): number | null {
  return f1MaxWith(ranking, 1e-7)
}

export function robisF1Max(ranking: Ranking): number | null {
  return f1MaxWith(ranking, 1e-8)
}

function f1MaxWith(ranking: Ranking, epsilon: number): number | null {
  const { positives } = ranking
  if (positives === 0) return null
  let best = 0
  ranking.walk((tp, fp) => {
    const precision = tp / (tp + fp)
    const recall = tp / positives
    best = Math.max(best, (2 * precision * recall) / (precision + recall + epsilon))
  })
  return best
}
