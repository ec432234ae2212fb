/**
 * Mean plus k standard deviations over all pixels of the good maps.
 *
 * Simple and much used, but it bounds the share of strange pixels, not of strange images: with a long
 * tail nearly every good image shows something at k = 3. The published variant is `sigma-published.ts`.
 */
import { type BinariserDefinition, maskAbove } from './binariser.ts'

export interface SigmaOptions {
  /** k: how many standard deviations above the mean. */
  readonly deviations: number
}

export interface SigmaState {
  readonly mean: number
  /** Of the population. */
  readonly deviation: number
}

export const sigma: BinariserDefinition<SigmaOptions, SigmaState> = {
  id: 'sigma',
  sees: 'good',
  defaults: { deviations: 3 },
  startFit: () => {
    let count = 0
    let mean = 0
    // Sum of squared differences from the mean.
    let spread = 0
    return {
      // Each map's own mean and spread, then joined (Chan, Golub and LeVeque 1979), in double.
      add: ({ values }) => {
        if (values.length === 0) return
        let sum = 0
        for (let i = 0; i < values.length; i++) sum += values[i]!
        const mapMean = sum / values.length
        let mapSpread = 0
        for (let i = 0; i < values.length; i++) mapSpread += (values[i]! - mapMean) ** 2
        const total = count + values.length
        const move = mapMean - mean
        spread += mapSpread + (move * move * count * values.length) / total
        mean += (move * values.length) / total
        count = total
      },
      finish: () => {
        if (count === 0) throw new Error('internal: no pixels to take the mean of')
        return { mean, deviation: Math.sqrt(spread / count) }
      },
    }
  },
  binarise: ({ values }, { mean, deviation }, { deviations }) =>
    maskAbove(values, mean + deviations * deviation),
}
