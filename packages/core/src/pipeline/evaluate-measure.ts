/** From tallied images of a product to its metrics, and what bootstrap intervals need of each image. */
import type { Intervals, Metrics, MoreMetrics } from '@assay/contract'
import {
  bootstrapDefaults,
  createHistogramCounter,
  estimateIntervals,
  evaluateConditions,
  evaluateSaturated,
  evaluateTallies,
  type AupimoAccumulator,
  type BootstrapOptions,
  type FinishedTally,
  type IntervalImage,
} from '../metric/index.ts'

/**
 * All metrics of a product whose images are tallied by condition, null where there is none; or if `isSaturated`
 * by defect, null where there is none.
 */
export function measure(
  tallies: ReadonlyMap<string | null, FinishedTally>,
  aupimo: AupimoAccumulator,
  isSaturated: boolean,
): { eight: Metrics; more: MoreMetrics } {
  const { eight, segmentation, auroc05, auroc05Mcclish } = evaluateTallies([...tallies.values()])
  const perImage = aupimo.evaluate()
  const numbers = {
    ...segmentation,
    auroc05,
    auroc05Mcclish,
    aupimo: 'why' in perImage ? null : perImage.value,
  }
  const reasons = {
    ...reasonsFor(['segF1', 'iou', 'auroc05', 'auroc05Mcclish'], numbers, eight.why?.['pixelAuroc']),
    ...reasonsFor(['classF1'], numbers, eight.why?.['imageAuroc']),
    ...('why' in perImage ? { aupimo: perImage.why } : {}),
  }
  const named = new Map<string, FinishedTally>()
  for (const [group, tally] of tallies) if (group !== null) named.set(group, tally)
  return {
    eight,
    more: {
      ...numbers,
      ...(Object.keys(reasons).length === 0 ? {} : { why: reasons }),
      ...(named.size === 0 || isSaturated ? {} : { conditions: evaluateConditions(named) }),
      ...(named.size === 0 || !isSaturated
        ? {}
        : { saturated: evaluateSaturated(named, tallies.get(null) ?? null) }),
    },
  }
}

function reasonsFor<Name extends string>(
  names: readonly Name[],
  numbers: Readonly<Record<Name, number | null>>,
  reason = 'there is no defect, and none was found',
): Record<string, string> {
  return Object.fromEntries(names.filter((name) => numbers[name] === null).map((name) => [name, reason]))
}

export interface Resampling {
  add(
    score: number,
    isDefect: boolean,
    map: Float32Array,
    truth: Uint8Array | null,
    width: number,
    height: number,
  ): void
  estimate(): Intervals
}

/** Keeps what intervals need of each image, if they are asked for. */
export function createResampling(asked: boolean | BootstrapOptions | undefined): Resampling | null {
  if (asked === undefined || asked === false) return null
  const options = { ...bootstrapDefaults, ...(asked === true ? {} : asked) }
  const counter = createHistogramCounter()
  const images: IntervalImage[] = []
  return {
    add(score, isDefect, map, truth, width, height) {
      const histogram = truth === null ? null : counter.count(map, isDefect ? truth : null, width, height)
      images.push({ score, isDefect, histogram })
    },
    estimate: () => ({ ...options, ...estimateIntervals(images, options) }),
  }
}
