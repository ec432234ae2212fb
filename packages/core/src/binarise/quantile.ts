/**
 * A quantile of the good maps: of their pixels, or of the largest value of each.
 *
 * Pixels: exact to 2^-12 of the threshold's size, never below the exact quantile (`score-histogram.ts`).
 * Peaks: the rule of the other thresholds, which extrapolates when the images are too few
 * (`calibrate/threshold.ts`); of good images, the share 1 - quantile then gets a mask that is not empty.
 */
import { calibrate } from '../calibrate/threshold.ts'
import { type BinariserDefinition, maskAbove, peakOf } from './binariser.ts'
import { createScoreHistogram } from './score-histogram.ts'

export interface QuantileOptions {
  readonly of: 'pixels' | 'peaks'
  /** Share of good pixels or peaks at or below the threshold, 0 to 1. */
  readonly quantile: number
}

export interface QuantileState {
  /** In the unit of the map. */
  readonly threshold: number
}

export const quantile: BinariserDefinition<QuantileOptions, QuantileState> = {
  id: 'quantile',
  sees: 'good',
  defaults: { of: 'peaks', quantile: 0.85 },
  startFit: ({ of, quantile }) => {
    if (of === 'pixels') {
      const histogram = createScoreHistogram()
      return {
        add: ({ values }) => histogram.add(values),
        finish: () => ({ threshold: histogram.quantile(quantile) }),
      }
    }
    const peaks: number[] = []
    return {
      add: ({ values }) => void peaks.push(peakOf(values)),
      finish: () => ({ threshold: calibrate(peaks, 1 - quantile).threshold }),
    }
  },
  binarise: ({ values }, { threshold }) => maskAbove(values, threshold),
}
