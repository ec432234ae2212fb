/**
 * Two thresholds: a region has to reach the high one, and then extends as far as the low one.
 *
 * The high one is the pixel threshold of the calibration, so exactly as many good images get a mask as with that
 * threshold alone; the low one is a quantile of the pixels of good maps, which says how far strangeness goes
 * around a defect that is there. Neighbours are those of 8-connectivity. After Canny, "A computational approach to
 * edge detection" (1986), section VIII.
 */
import { type BinariserDefinition, maskAbove } from './binariser.ts'
import { quantile, type QuantileState } from './quantile.ts'

export interface HysteresisOptions {
  /** What a region has to exceed somewhere, in the unit of the map. */
  readonly high: number
  /** Share of the pixels of good maps at or below the low threshold, 0 to 1. */
  readonly quantile: number
}

export const hysteresis: BinariserDefinition<HysteresisOptions, QuantileState | null> = {
  id: 'hysteresis',
  sees: 'good',
  defaults: { high: Infinity, quantile: 0.999 },
  startFit: (options) => {
    const fit = quantile.startFit?.({ of: 'pixels', quantile: options.quantile })
    if (fit === undefined) throw new Error('internal: quantiles cannot be fitted')
    return fit
  },
  // A model of which no good map was seen has no low threshold.
  binarise: ({ values, width }, low, { high }) =>
    low === null || low.threshold >= high
      ? maskAbove(values, high)
      : growAbove(values, width, low.threshold, high),
}

/** Regions above `low` that hold a value above `high`, filled from these on. */
function growAbove(values: Float32Array, width: number, low: number, high: number): Uint8Array {
  const mask = new Uint8Array(values.length)
  const reached: number[] = []
  const reach = (at: number): void => {
    if (mask[at] !== 0 || !(values[at]! > low)) return
    mask[at] = 255
    reached.push(at)
  }
  for (let start = 0; start < values.length; start++) {
    if (!(values[start]! > high)) continue
    reach(start)
    for (let at = reached.pop(); at !== undefined; at = reached.pop()) {
      const x = at % width
      const left = x > 0 ? 1 : 0
      const right = x < width - 1 ? 1 : 0
      for (let row = at - width; row <= at + width; row += width)
        if (row >= 0 && row < values.length) for (let to = row - left; to <= row + right; to++) reach(to)
    }
  }
  return mask
}
