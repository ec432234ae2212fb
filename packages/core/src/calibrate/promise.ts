/**
 * What a number of good images allows to promise about false alarms, whatever the distribution of their scores.
 *
 * Of n exchangeable scores the share above the k-th smallest is Beta(n - k + 1, k) distributed, so its bound is
 * that of Clopper and Pearson (1934) for n - k successes out of n (Wilks 1941: tolerance limits).
 */

/** The confidence of promises where nobody asked for another one. */
export const usualConfidence = 0.95

/**
 * Upper bound of a rate after `above` of `images` were seen above the threshold, one-sided, exact: the rate p at
 * which so few would be seen with probability `1 - confidence`.
 */
export function boundRate(above: number, images: number, confidence: number): number {
  if (above >= images) return 1
  if (above === 0) return 1 - (1 - confidence) ** (1 / images)
  let low = above / images
  let high = 1
  // The probability falls as p rises; 60 halvings reach the last bits.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (binomialShare(above, images, middle) > 1 - confidence) low = middle
    else high = middle
  }
  return high
}

/** The most of `images` that may lie above a threshold for which `rate` is still promised; -1 for too few images. */
export function mostAbove(images: number, rate: number, confidence: number): number {
  let most = -1
  let step = 1
  while (step <= images) step *= 2
  for (; step >= 1; step /= 2)
    if (most + step < images && boundRate(most + step, images, confidence) <= rate) most += step
  return most
}

/** How many images it takes to promise `rate`, if the largest score of all is the threshold. */
export function imagesNeeded(rate: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log1p(-rate) - 1e-9)
}

/** P(X <= most) for X of Binomial(n, p), summed in logarithms. */
function binomialShare(most: number, n: number, p: number): number {
  if (p >= 1) return 0
  const odds = Math.log(p) - Math.log1p(-p)
  let term = n * Math.log1p(-p)
  let largest = term
  let sum = 1
  for (let i = 1; i <= most; i++) {
    term += Math.log((n - i + 1) / i) + odds
    if (term > largest) {
      sum = sum * Math.exp(largest - term) + 1
      largest = term
    } else {
      sum += Math.exp(term - largest)
    }
  }
  return sum * Math.exp(largest)
}
