/**
 * Compares methods on a user's own good pictures: each candidate learns from a part of them and judges the rest, as
 * they are and damaged in several ways.
 *
 * Bounded: pictures and windows are drawn up to a fixed number, at the size of the fast profile. Nothing labelled is
 * looked at.
 */
import type { Choice, ChoiceCandidate, MethodName } from '@assay/contract'
import { openBackbone } from '../../backbone/index.ts'
import type { Device } from '../../runtime/index.ts'
import { damageKinds } from '../../synthesise/damage-kind.ts'
import { damagedPerProduct } from '../extract.ts'
import type { TrainEvent } from '../options.ts'
import { groupCandidates, type Candidate, type LeftOut } from './candidate.ts'
import { decide, type Decision, type ScoredCandidate } from './decide.ts'
import { trainGroup } from './group.ts'
import type { ComparedProduct } from './inputs.ts'
import { openGroup } from './judge.ts'
import { countJudged, scoreGroup } from './score.ts'

export interface CompareInput {
  readonly candidates: readonly Candidate[]
  readonly leftOut: readonly LeftOut[]
  readonly products: readonly ComparedProduct[]
  readonly seed: number
  readonly device: Device
  readonly signal: AbortSignal | undefined
}

export interface Compared {
  readonly decision: Decision
  readonly comparison: NonNullable<Choice['comparison']>
}

/** Extractions of features after which the speed of the machine is known. */
const warm = 3

export async function* compareMethods(input: CompareInput): AsyncGenerator<TrainEvent, Compared> {
  const { candidates, products, seed, device, signal } = input
  const groups = groupCandidates(candidates)
  const judged = countJudged(products)
  const training = products.reduce((sum, p) => sum + p.training.length, 0)
  const total = groups.reduce((sum, group) => sum + costOf(group, training, judged, products.length), 0)
  const leftOut = [...input.leftOut]
  const scored: ScoredCandidate[] = []
  const images = {
    trainingImages: training,
    heldOutImages: products.reduce((sum, p) => sum + p.heldOut.length, 0),
  }
  const speeds: number[] = []
  let done = 0
  const move = (by: number): TrainEvent => {
    done = Math.min(total, done + by)
    return { type: 'stage', stage: 'compare', done: Math.round((100 * done) / total), total: 100 }
  }
  for (const group of groups) {
    const { backbone: id, taps } = group[0]?.recipe.features ?? { backbone: '', taps: [] }
    const fitting = trainGroup(group, products, await openBackbone(id, taps), device, signal)
    const perPicture = extractionsOf(group, training, products.length) / training
    const fitted = new Map<MethodName, number>()
    let state = await fitting.next()
    while (state.done !== true) {
      const event = state.value
      if (event.type === 'extracted') {
        speeds.push(event.seconds)
        if (speeds.length === warm) {
          const methods = candidates.map((c) => c.method)
          yield { type: 'comparing', methods, ...images, seconds: total * Math.min(...speeds) }
        }
        const moved = move(perPicture)
        if (speeds.length >= warm) yield moved
      } else {
        const before = fitted.get(event.method) ?? 0
        fitted.set(event.method, event.done)
        const candidate = group.find((c) => c.method === event.method)
        if (candidate !== undefined) yield move((event.done - before) * fitCost(candidate))
      }
      state = await fitting.next()
    }
    const { trained } = state.value
    leftOut.push(...state.value.leftOut)
    await using judge = await openGroup(state.value, products.length, device)
    const scoring = scoreGroup(
      judge,
      trained.map((t) => t.method),
      products,
      seed,
      signal,
    )
    let scores = await scoring.next()
    while (scores.done !== true) {
      yield move(judgeCost)
      scores = await scoring.next()
    }
    for (const [method, own] of scores.value) scored.push({ method, products: own })
  }
  yield move(total)
  const decision = decide(scored, seed)
  const comparison = {
    ...images,
    damages: [...damageKinds],
    candidates: [...decision.ranked.map(toCandidate), ...leftOut.map(toLeftOut)],
  }
  return { decision, comparison }
}

/**
 * Damaging and judging a picture, and a method's own part of a training, in extractions of the features of one picture:
 * measured once (processor time, efficientnet-lite2), only to tell how long it takes and how far it is.
 */
const judgeCost = 3
function fitCost({ method, recipe }: Candidate): number {
  switch (method) {
    case 'cras':
      return 50 + 1.6 * recipe.cras.steps
    case 'patchcore':
      return 50
    case 'padim':
      return 90
    case 'robis':
      return 10.5 * recipe.inpFormer.steps
    default:
      return method satisfies never
  }
}

/** In extractions of one picture. */
function costOf(group: readonly Candidate[], training: number, judged: number, products: number): number {
  const own = group.reduce((sum, candidate) => sum + fitCost(candidate), 0)
  return extractionsOf(group, training, products) + own + judgeCost * judged
}

function extractionsOf(group: readonly Candidate[], training: number, products: number): number {
  const damaged = Math.max(...group.map(({ recipe }) => damagedPerProduct(recipe, products)))
  return training + Math.min(training, damaged * products)
}

function toCandidate({
  method,
  imageAuroc,
  aupro30,
  aupro05,
  isTied,
}: Decision['ranked'][number]): ChoiceCandidate {
  return {
    method,
    imageAuroc: roundFigure(imageAuroc),
    aupro30: roundFigure(aupro30),
    aupro05: roundFigure(aupro05),
    isTied,
    leftOut: null,
  }
}

function toLeftOut({ method, reason }: LeftOut): ChoiceCandidate {
  return { method, imageAuroc: null, aupro30: null, aupro05: null, isTied: false, leftOut: reason }
}

/** More digits would tell nothing. */
function roundFigure<T extends number | null>(value: T): T | number {
  return value === null ? value : Number(value.toFixed(4))
}
