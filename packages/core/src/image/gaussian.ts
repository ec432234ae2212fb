/**
 * Smoothing of anomaly maps: scipy's Gaussian filter, and the small 5 x 5 convolution of INP-Former.
 *
 * They differ on purpose. scipy mirrors the picture at its border and reaches four sigma; INP-Former's
 * kernel is cut at two pixels and sees zeros outside, which darkens the border.
 */

import { requireLength } from './image.ts'

/** scipy cuts the bell at this many sigma. */
const truncate = 4

/** scipy's one-dimensional kernel for `sigma`, in double, `[2 * radius + 1]`, summing to 1. */
export function gaussianKernel(sigma: number): Float64Array {
  if (!(sigma > 0) || !Number.isFinite(sigma)) throw new Error(`internal: sigma ${sigma} is not positive.`)
  const radius = Math.trunc(truncate * sigma + 0.5)
  const kernel = new Float64Array(2 * radius + 1)
  const factor = -0.5 / (sigma * sigma)
  let sum = 0
  for (let i = 0; i < kernel.length; i++) {
    kernel[i] = Math.exp(factor * (i - radius) ** 2)
    sum += kernel[i]!
  }
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= sum
  return kernel
}

/**
 * `scipy.ndimage.gaussian_filter(plane, sigma)` of one plane `[h, w]`, mode 'reflect' (edge pixel
 * repeated: d c b a | a b c d | d c b a): down the columns, then along the rows, summed in double, stored
 * in float32 after each.
 */
export function gaussianFilter(plane: Float32Array, h: number, w: number, sigma: number): Float32Array {
  requireLength('the plane to smooth', plane.length, w, h, 1)
  const kernel = gaussianKernel(sigma)
  return smoothRows(smoothColumns(plane, h, w, kernel), h, w, kernel)
}

/** The `size` x `size` Gaussian of INP-Former's code (5 and sigma 4 there), float32, summing to 1. */
export function squareGaussianKernel(size: number, sigma: number): Float32Array {
  const middle = (size - 1) / 2
  const bell = Array.from({ length: size }, (_, i) => Math.exp(-((i - middle) ** 2) / (2 * sigma * sigma)))
  const sum = bell.reduce((total, v) => total + v, 0) ** 2
  return Float32Array.from(
    { length: size * size },
    (_, k) => (bell[Math.floor(k / size)]! * bell[k % size]!) / sum,
  )
}

/**
 * INP-Former's smoothing of one plane `[h, w]`: its 5 x 5 kernel of sigma 4, zeros outside. PyTorch adds
 * the 25 products in another order, hence last-digit differences.
 */
export function smoothInpMap(plane: Float32Array, h: number, w: number): Float32Array {
  requireLength('the plane to smooth', plane.length, w, h, 1)
  const kernel = squareGaussianKernel(5, 4)
  const out = new Float32Array(plane.length)
  for (let y = 0; y < h; y++) {
    const firstRow = Math.max(0, y - 2)
    const lastRow = Math.min(h - 1, y + 2)
    for (let x = 0; x < w; x++) {
      const firstColumn = Math.max(0, x - 2)
      const lastColumn = Math.min(w - 1, x + 2)
      let sum = 0
      for (let row = firstRow; row <= lastRow; row++) {
        const tap = (row - y + 2) * 5 - x + 2
        for (let column = firstColumn; column <= lastColumn; column++)
          sum += plane[row * w + column]! * kernel[tap + column]!
      }
      out[y * w + x] = sum
    }
  }
  return out
}

/** The index inside `length` that the mirrored border at `index` shows; the pattern has period 2n. */
function mirrored(index: number, length: number): number {
  const period = 2 * length
  const inPeriod = ((index % period) + period) % period
  return inPeriod < length ? inPeriod : period - 1 - inPeriod
}

function smoothColumns(plane: Float32Array, h: number, w: number, kernel: Float64Array): Float32Array {
  const out = new Float32Array(plane.length)
  const radius = (kernel.length - 1) / 2
  const sums = new Float64Array(w)
  // Output rows, then pairs of source rows above and below, added first as scipy does for symmetric kernels.
  for (let y = 0; y < h; y++) {
    const centre = kernel[radius]!
    for (let x = 0; x < w; x++) sums[x] = plane[y * w + x]! * centre
    for (let k = 0; k < radius; k++) {
      const weight = kernel[k]!
      const above = mirrored(y - radius + k, h) * w
      const below = mirrored(y + radius - k, h) * w
      for (let x = 0; x < w; x++) sums[x]! += (plane[above + x]! + plane[below + x]!) * weight
    }
    out.set(sums, y * w)
  }
  return out
}

function smoothRows(plane: Float32Array, h: number, w: number, kernel: Float64Array): Float32Array {
  const out = new Float32Array(plane.length)
  const radius = (kernel.length - 1) / 2
  // One row with its mirrored borders at a time.
  const line = new Float64Array(w + 2 * radius)
  const source = Int32Array.from(line, (_, i) => mirrored(i - radius, w))
  for (let y = 0; y < h; y++) {
    for (let i = 0; i < line.length; i++) line[i] = plane[y * w + source[i]!]!
    for (let x = 0; x < w; x++) {
      let sum = line[x + radius]! * kernel[radius]!
      const last = x + 2 * radius
      for (let k = 0; k < radius; k++) sum += (line[x + k]! + line[last - k]!) * kernel[k]!
      out[y * w + x] = sum
    }
  }
  return out
}
