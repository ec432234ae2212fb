/** Maps as levels: how many thresholds of a sweep a pixel exceeds. */

/** For each value, how many of the rising `cuts` (at most 255) lie below it. */
export function toLevels(values: Float32Array, cuts: Float64Array): Uint8Array {
  const levels = new Uint8Array(values.length)
  const top = cuts.length
  const lowest = cuts[0] ?? Infinity
  // Cuts are about evenly spaced: guess, then correct against the cuts themselves.
  const perUnit = (top - 1) / (cuts[top - 1]! - lowest)
  let before = NaN
  let level = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!(value > lowest)) continue
    // Plateaus need one search.
    if (value !== before) {
      level = Math.min(Math.max(Math.trunc((value - lowest) * perUnit), 1), top) || 1
      while (level < top && value > cuts[level]!) level++
      while (value <= cuts[level - 1]!) level--
      before = value
    }
    levels[i] = level
  }
  return levels
}
