/**
 * Intervals by drawing images again: how far a metric would move with another test set of this size.
 *
 * Good and defect images are drawn with replacement from their own, so that every draw has as many of each
 * as the test set. The interval is that of the percentiles of the draws (Efron 1979), interpolated between
 * neighbours as numpy.quantile does. It says nothing about another training or another camera, and is too
 * narrow for a handful of images.
 */
import { createRandom } from '../random.ts'

export interface BootstrapOptions {
  /** Draws of a whole test set. */
  readonly draws?: number
  /** Share of the draws between the ends of the interval. */
  readonly confidence?: number
  readonly seed?: number
}

export const bootstrapDefaults = { draws: 1000, confidence: 0.95, seed: 0 } as const

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * The interval of each number that `measure` gives. It is called once per draw with how many times each
 * image was drawn; a metric that some draw cannot give has no interval.
 */
export function bootstrap(
  isDefect: ArrayLike<boolean>,
  measure: (weights: Uint32Array) => readonly (number | null)[],
  options: BootstrapOptions = {},
): (Interval | null)[] {
  const { draws, confidence, seed } = { ...bootstrapDefaults, ...options }
  const images = Array.from(isDefect, (_, image) => image)
  const strata = [images.filter((i) => isDefect[i]), images.filter((i) => !isDefect[i])]
  const random = createRandom(seed, 'bootstrap')
  const measured: (readonly (number | null)[])[] = []
  const weights = new Uint32Array(images.length)
  for (let draw = 0; draw < draws; draw++) {
    weights.fill(0)
    for (const stratum of strata) {
      for (let i = 0; i < stratum.length; i++) {
        const image = stratum[random.integer(stratum.length)]!
        weights[image] = weights[image]! + 1
      }
    }
    measured.push(measure(weights))
  }
  return (measured[0] ?? []).map((_, metric) => {
    const values = measured.map((numbers) => numbers[metric] ?? null)
    if (values.includes(null)) return null
    const sorted = Float64Array.from(values, Number).sort()
    return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) }
  })
}

/** The quantile at `share` of rising values, linear between neighbours. */
function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  return low + (place - below) * ((sorted[below + 1] ?? low) - low)
}
