/** How far a value lies from the others, so that the odd ones do not blur the measure themselves. */

export interface Robust {
  readonly median: number
  /** 1.4826 times the median absolute deviation, which is the standard deviation of a normal distribution. */
  readonly deviation: number
}

export function toRobust(values: readonly number[]): Robust {
  const median = medianOf(values)
  return { median, deviation: 1.4826 * medianOf(values.map((value) => Math.abs(value - median))) }
}

/** In standard deviations, of which one is at least `least`: equal pictures would otherwise make all others odd. */
export function distanceFrom({ median, deviation }: Robust, value: number, least: number): number {
  return (value - median) / Math.max(deviation, least)
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return NaN
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}
