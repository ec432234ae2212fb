/**
 * MEBin as RoBiS was published: the range of the sweep comes from the split under test, in float16.
 *
 * The range reaches from the smallest to the largest peak of the split's maps; every map is stretched
 * so that it becomes 0 to 255 and swept at 255, 251, ..., 3. Each step of the stretching is rounded to
 * float16, the threshold found is taken back to the map's scale in double, as by numpy 1, and
 * truncated. What depends on the other images of the split is meant to: never use this for inspection.
 */
import { fromFloat16Bits, roundToFloat16 } from '@assay/graph'
import { type AnomalyMap, type BinariserDefinition, maskAbove, peakOf } from '../binariser.ts'
import { erodeSparse } from '../erosion.ts'
import { publishedErosion, requireFloat16 } from '../published.ts'
import { findStableIntervals, longestInterval } from './interval.ts'
import { sweepComponents, sweepLength } from './sweep.ts'

export interface MebinPublishedState {
  /** The smallest peak of a map in the split. */
  readonly lowest: number
  readonly highest: number
}

export const mebinPublished: BinariserDefinition<null, MebinPublishedState> = {
  id: 'mebin-published',
  sees: 'test',
  defaults: null,
  startFit: () => {
    let lowest = Infinity
    let highest = -Infinity
    return {
      add: ({ values }) => {
        requireFloat16(values)
        const peak = peakOf(values)
        lowest = Math.min(lowest, peak)
        highest = Math.max(highest, peak)
      },
      finish: () => {
        if (highest === -Infinity) throw new Error('internal: no map to take the range from')
        return { lowest, highest }
      },
    }
  },
  binarise: (map, state) => {
    const mask = maskAbove(map.values, findPublishedThreshold(map, state))
    return erodeSparse(mask, map.width, map.height, publishedErosion)
  },
}

/** The threshold of one map, a whole number on its own scale; 255 if no number of regions is stable. */
export function findPublishedThreshold(map: AnomalyMap, state: MebinPublishedState): number {
  const counts = sweepComponents(map, publishedCuts(state), publishedErosion)
  const interval = longestInterval(findStableIntervals(counts, shortestInterval))
  if (interval === undefined) return 255
  const { lowest, highest } = state
  return Math.trunc(((255 - interval.end * step) * roundToFloat16(highest - lowest)) / 255 + lowest)
}

const shortestInterval = 4

/** Distance of two thresholds of the sweep. */
const step = 4

/** Bits of the largest finite float16. */
const largestHalf = 0x7bff

/**
 * The sweep's thresholds on the map's own scale, rising: the largest float16 that does not exceed each
 * of them after stretching.
 */
export function publishedCuts({ lowest, highest }: MebinPublishedState): Float64Array {
  const range = roundToFloat16(highest - lowest)
  // With one peak for all maps the reference divides by zero, and no pixel exceeds anything.
  const stretch = (value: number): number =>
    value < lowest || range === 0
      ? 0
      : roundToFloat16(roundToFloat16(roundToFloat16(value - lowest) / range) * 255)
  return Float64Array.from({ length: sweepLength }, (_, k) => {
    const threshold = 255 - (sweepLength - 1 - k) * step
    // Positive halves rise with their bits, and stretching keeps the order.
    let within = 0
    let beyond = largestHalf + 1
    while (beyond - within > 1) {
      const middle = (within + beyond) >> 1
      if (stretch(fromFloat16Bits(middle)) > threshold) beyond = middle
      else within = middle
    }
    return fromFloat16Bits(within)
  })
}
