/** The Gaussian of one place, and its Cholesky whitening, in float64 loops: a covariance is a hundred values wide. */

/**
 * Mean `[k]` of samples `[count, k]`; writes the lower triangle of their unbiased covariance. One sample has none: zero.
 */
export function fitGaussian(samples: Float32Array, k: number, covariance: Float64Array): Float64Array {
  const count = samples.length / k
  const mean = new Float64Array(k)
  for (let at = 0; at < samples.length; at += k) for (let i = 0; i < k; i++) mean[i]! += samples[at + i]!
  for (let i = 0; i < k; i++) mean[i]! /= count
  covariance.fill(0)
  const centred = new Float64Array(k)
  for (let at = 0; at < samples.length; at += k) {
    for (let i = 0; i < k; i++) centred[i] = samples[at + i]! - mean[i]!
    for (let i = 0; i < k; i++) {
      const value = centred[i]!
      for (let j = 0, cell = i * k; j <= i; j++, cell++) covariance[cell]! += value * centred[j]!
    }
  }
  const degrees = Math.max(1, count - 1)
  for (let i = 0; i < covariance.length; i++) covariance[i]! /= degrees
  return mean
}

/**
 * Writes the upper triangle U that makes centred rows white: with the covariance = L L^T, U is the inverse of L^T,
 * so |x U|^2 is the squared Mahalanobis distance of a row x. Overwrites the lower triangle of `covariance`.
 */
export function whiten(covariance: Float64Array, k: number, out: Float64Array): void {
  factor(covariance, k)
  out.fill(0)
  // Column `c` of the inverse of L, by forward substitution, is row `c` of U.
  for (let c = 0; c < k; c++) {
    const row = c * k
    out[row + c] = 1 / covariance[row + c]!
    for (let i = c + 1; i < k; i++) {
      let sum = 0
      for (let j = c; j < i; j++) sum += covariance[i * k + j]! * out[row + j]!
      out[row + i] = -sum / covariance[i * k + i]!
    }
  }
}

/** Puts the Cholesky factor in place of the lower triangle. */
function factor(a: Float64Array, k: number): void {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * k + j]!
      for (let m = 0; m < j; m++) sum -= a[i * k + m]! * a[j * k + m]!
      if (i !== j) {
        a[i * k + j] = sum / a[j * k + j]!
      } else {
        if (!(sum > 0)) throw new Error('internal: a covariance that is not positive definite')
        a[i * k + i] = Math.sqrt(sum)
      }
    }
  }
}
