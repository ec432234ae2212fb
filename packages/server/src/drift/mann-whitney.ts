/**
 * The Mann-Whitney test: do the values of two samples tend to be different? Two-sided, by the normal approximation
 * with the corrections for ties and continuity, as `scipy.stats.mannwhitneyu(method='asymptotic')`.
 */

/** Null when there is nothing to compare: an empty sample, or all values equal. */
export function mannWhitney(a: readonly number[], b: readonly number[]): number | null {
  const [n, m] = [a.length, b.length]
  const all = [
    ...a.map((value) => ({ value, isFirst: true })),
    ...b.map((value) => ({ value, isFirst: false })),
  ]
  all.sort((x, y) => x.value - y.value)
  let rankSum = 0
  let ties = 0
  for (let i = 0; i < all.length;) {
    let end = i
    while (end < all.length && all[end]?.value === all[i]?.value) end++
    const count = end - i
    // Equal values share the mean of their ranks, which count from 1.
    const rank = (i + 1 + end) / 2
    rankSum += rank * all.slice(i, end).filter(({ isFirst }) => isFirst).length
    ties += count ** 3 - count
    i = end
  }
  const total = n + m
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)))
  if (!(variance > 0)) return null
  const u = rankSum - (n * (n + 1)) / 2
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5)
  return erfc(distance / Math.sqrt(2 * variance))
}

/** The complementary error function for x >= 0: its Taylor series where that is short, a continued fraction beyond. */
function erfc(x: number): number {
  if (x < 2) {
    let term = x
    let sum = x
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
      term *= (-x * x) / k
      sum += term / (2 * k + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = x
  for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI))
}
