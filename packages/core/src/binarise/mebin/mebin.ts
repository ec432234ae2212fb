/**
 * MEBin for a factory: each image by itself, swept over a range that good images set.
 *
 * The rule:
 * 1. At training, every good map is reduced to its peak: the highest threshold at which something of it
 *    survives erosion by a small square. `lower` is the bound that a share `falseMasks` of such peaks
 *    exceed, by the rule of all thresholds (`calibrate/threshold.ts`). A good image gets an empty mask
 *    exactly if its peak does not exceed `lower`, so the aim is kept as well as good images predict each
 *    other. `upper` lies as far above `lower` as the median peak lies below it.
 * 2. An image whose peak exceeds `lower` is swept in 64 equal steps from `upper`, or from its own peak if
 *    that is lower, down to `lower`. No other image has a say.
 * 3. The number of regions after erosion is counted at each step, and runs of an unchanged number are
 *    found. The run nearest to `lower` gives the threshold, its own lowest; without a run it is `lower`.
 *    The threshold thus rises above the bound of good images only until regions that run into each other
 *    there have come apart, and what exceeds `upper` is never lost to a stronger defect elsewhere.
 * 4. The mask is the map above that threshold, not eroded; regions that erosion would remove are left out.
 *
 * What it leaves out of the published rule: the range of the split; float16; the erosion of the result,
 * which takes thin defects away and shrinks the others; and the longest run, which is there on request.
 */
import { calibrate } from '../../calibrate/threshold.ts'
import { labelComponents } from '../../region/index.ts'
import { type AnomalyMap, type BinariserDefinition, maskAbove } from '../binariser.ts'
import { erodeSparse } from '../erosion.ts'
import { erodedPeak } from './eroded-peak.ts'
import { findStableIntervals, longestInterval } from './interval.ts'
import { sweepComponents, sweepLength } from './sweep.ts'

export interface MebinOptions {
  /** Share of good images in whose mask something may show. */
  readonly falseMasks: number
  /** Side of the square, in pixels of the picture, that a region has to hold to count; 1 for any. */
  readonly erosionPx: number
  /** A run of the sweep's 64 steps is stable from this length on. */
  readonly shortestInterval: number
  /** Which of the stable runs gives the threshold. */
  readonly interval: 'lowest' | 'longest'
}

export interface MebinState {
  /** The lowest threshold there can be, in the unit of the map. */
  readonly lower: number
  /** The sweep begins here. */
  readonly upper: number
}

export const mebin: BinariserDefinition<MebinOptions, MebinState> = {
  id: 'mebin',
  sees: 'good',
  defaults: { falseMasks: 0.15, erosionPx: 3, shortestInterval: 4, interval: 'lowest' },
  startFit: ({ falseMasks, erosionPx }) => {
    const peaks: number[] = []
    return {
      add: (map) => void peaks.push(erodedPeak(map, sideOn(map, erosionPx))),
      finish: () => {
        const lower = calibrate(peaks, falseMasks).threshold
        const median = peaks.sort((a, b) => a - b)[peaks.length >> 1]!
        return { lower, upper: lower + Math.max(0, lower - median) }
      },
    }
  },
  binarise: (map, state, options) => {
    const threshold = findMebinThreshold(map, state, options)
    if (threshold === null) return new Uint8Array(map.values.length)
    return keepThick(maskAbove(map.values, threshold), map.width, map.height, sideOn(map, options.erosionPx))
  },
}

/** The threshold of one image in the unit of its map; null if nothing rises above the bound of good images. */
export function findMebinThreshold(map: AnomalyMap, state: MebinState, options: MebinOptions): number | null {
  const { lower } = state
  const { shortestInterval, interval } = options
  const side = sideOn(map, options.erosionPx)
  const peak = erodedPeak(map, side, lower)
  if (!(peak > lower)) return null
  const range = Math.min(peak, state.upper) - lower
  const cuts = Float64Array.from({ length: sweepLength }, (_, k) => lower + (range * k) / sweepLength)
  const stable = findStableIntervals(sweepComponents(map, cuts, side), shortestInterval)
  const chosen = interval === 'lowest' ? stable.at(-1) : longestInterval(stable)
  return chosen === undefined ? lower : cuts[sweepLength - 1 - chosen.end]!
}

/** A side in pixels of the picture, in values of its map. */
function sideOn({ reduction = 1 }: AnomalyMap, sidePx: number): number {
  return Math.max(1, Math.round(sidePx / reduction))
}

/** The regions of `mask` that hold a square of `side` pixels, whole. */
function keepThick(mask: Uint8Array, width: number, height: number, side: number): Uint8Array {
  if (side <= 1) return mask
  const { labels, count } = labelComponents(mask, width, height)
  const kept = new Uint8Array(count + 1)
  const core = erodeSparse(mask, width, height, side)
  for (let i = 0; i < core.length; i++) if (core[i] !== 0) kept[labels[i]!] = 255
  const whole = new Uint8Array(mask.length)
  for (let i = 0; i < whole.length; i++) if (labels[i] !== 0) whole[i] = kept[labels[i]!]!
  return whole
}
