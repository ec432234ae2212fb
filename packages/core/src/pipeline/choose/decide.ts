/**
 * From scores to a decision: the candidate with the largest image AUROC on damaged pictures, unless the difference
 * to another one could be chance.
 *
 * The AUROC is the mean over products and kinds of damage, each kind against all held-out good pictures of its
 * product. Pictures are drawn again with replacement (paired bootstrap: all candidates on the same draw); those that
 * the leader does not beat in nearly all draws tie with it, and of them the first in `preferred` is taken.
 */
import type { MethodName } from '@assay/contract'
import { createRandom } from '../../random.ts'
import type { ProductScores } from './score.ts'

/** Cheaper and more robust first: what needs no training, then the rest as it did on the benchmark sets. */
export const preferred: readonly MethodName[] = ['patchcore', 'cras', 'padim', 'robis']

export interface ScoredCandidate {
  readonly method: MethodName
  readonly products: readonly ProductScores[]
}

interface RankedCandidate {
  readonly method: MethodName
  /** 0 to 1, the mean over products and kinds of damage. */
  readonly imageAuroc: number
  /** Means over products; null where a map could not be measured. */
  readonly aupro30: number | null
  readonly aupro05: number | null
  /** Whether it could be as good as the leader. */
  readonly isTied: boolean
}

export interface Decision {
  readonly method: MethodName
  readonly reason: string
  /** Best first. */
  readonly ranked: readonly RankedCandidate[]
}

const draws = 1000
/** Share of the draws in which the leader has to be ahead. */
const sure = 0.9

/** Candidates without any finite score must have been left out before. */
export function decide(candidates: readonly ScoredCandidate[], seed: number): Decision {
  const measured = candidates
    .map((candidate) => ({ candidate, imageAuroc: meanAuroc(candidate.products, null) }))
    .sort((a, b) => b.imageAuroc - a.imageAuroc || rankOf(a.candidate.method) - rankOf(b.candidate.method))
  const [leader] = measured
  if (leader === undefined) throw new Error('internal: nothing to decide between')
  const behind = measured.map(() => 0)
  const random = createRandom(seed, 'choose-draws')
  for (let draw = 0; draw < draws; draw++) {
    const picked = leader.candidate.products.map(({ good }) =>
      Array.from(good, () => random.integer(good.length)),
    )
    const ahead = meanAuroc(leader.candidate.products, picked)
    for (const [i, { candidate }] of measured.entries())
      if (ahead > meanAuroc(candidate.products, picked)) behind[i]!++
  }
  const ranked = measured.map(({ candidate, imageAuroc }, i) => ({
    method: candidate.method,
    imageAuroc,
    aupro30: meanOf(candidate.products.map((p) => p.aupro30)),
    aupro05: meanOf(candidate.products.map((p) => p.aupro05)),
    isTied: candidate === leader.candidate || behind[i]! < sure * draws,
  }))
  const tied = ranked.filter((r) => r.isTied).map((r) => r.method)
  const method = preferred.find((m) => tied.includes(m)) ?? leader.candidate.method
  return { method, reason: explain(method, leader.candidate.method, tied), ranked }
}

function explain(method: MethodName, leader: MethodName, tied: readonly MethodName[]): string {
  if (tied.length === 1) return `found most of the damage made on held-out good pictures`
  const others = tied.filter((m) => m !== method).join(' and ')
  return method === leader
    ? `found most of the damage made on held-out good pictures, though ${others} may be as good`
    : `as good as ${others} on damage made on held-out good pictures, as far as these can tell, and simpler`
}

function rankOf(method: MethodName): number {
  return preferred.indexOf(method)
}

/** Over products and kinds of damage; `picked` are the pictures of each product, all of them once when null. */
function meanAuroc(
  products: readonly ProductScores[],
  picked: readonly (readonly number[])[] | null,
): number {
  let sum = 0
  let count = 0
  for (const [p, { good, damaged }] of products.entries()) {
    const pictures = picked?.[p] ?? [...good.keys()]
    const passed = Float64Array.from(pictures, (i) => good[i]!).sort()
    for (const scores of damaged) {
      let wins = 0
      for (const i of pictures) wins += shareBelow(passed, scores[i]!)
      sum += wins / pictures.length
      count++
    }
  }
  return sum / count
}

/** Share of the sorted values below one, equal ones counted half. */
function shareBelow(sorted: Float64Array, value: number): number {
  let below = 0
  while (below < sorted.length && sorted[below]! < value) below++
  let end = below
  while (end < sorted.length && sorted[end] === value) end++
  return (below + end) / 2 / sorted.length
}

function meanOf(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return sum / values.length
}
