/**
 * Stretches of a sweep over which the number of regions stays the same: there the map has a shape of its
 * own, whatever the exact threshold.
 */

/** A stretch of a sweep; both indices belong to it. */
export interface StableInterval {
  readonly start: number
  readonly end: number
  /** Regions, the same number all along. */
  readonly count: number
}

/** The longest runs of equal, non-zero `counts` that have at least `shortest` members, in order. */
export function findStableIntervals(counts: ArrayLike<number>, shortest: number): StableInterval[] {
  const found: StableInterval[] = []
  for (let start = 0, end = 0; start < counts.length; start = end + 1) {
    const count = counts[start]!
    for (end = start; end + 1 < counts.length && counts[end + 1] === count;) end++
    if (count !== 0 && end - start + 1 >= shortest) found.push({ start, end, count })
  }
  return found
}

/**
 * The longest of `intervals`, undefined if there is none. As published, of counts with equally long intervals
 * the one that occurs first wins, and of its longest intervals the last.
 */
export function longestInterval(intervals: readonly StableInterval[]): StableInterval | undefined {
  const length = ({ start, end }: StableInterval): number => end - start
  const longest = Math.max(...intervals.map(length))
  const perCount = Map.groupBy(intervals, ({ count }) => count)
  for (const sameCount of perCount.values()) {
    const last = sameCount.findLast((interval) => length(interval) === longest)
    if (last !== undefined) return last
  }
  return undefined
}
