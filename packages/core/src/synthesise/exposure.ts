/**
 * The augmentation with which RoBiS trains (arXiv 2505.21152): every second picture under another exposure,
 * with sensor noise.
 *
 * Values are multiplied by 2^u with u uniform in [-0.2, 0.2] and cut to 0..255; then normal noise of standard
 * deviation 15 is added to every sample and the sum is cut again and truncated, as numpy turns floats into
 * bytes. Which picture is augmented and how are drawn from `random` in this order: whether, u, the noise.
 */
import type { Random } from '../random.ts'

/** A picture is exposed otherwise with this probability. */
const probability = 0.5
/** Exposure values, plus or minus. */
const reach = 0.2
/** Standard deviation of the noise, of 255. */
const noiseDeviation = 15

/** `pixels` of any number of channels, augmented or as they are. */
export function varyExposure(pixels: Uint8Array, random: Random): Uint8Array {
  if (!(random.float64() > 1 - probability)) return pixels
  const exposure = reach * (2 * random.float64() - 1)
  const noise = new Float32Array(pixels.length)
  random.fillNormal(noise, noiseDeviation)
  return exposePixels(pixels, exposure, noise)
}

/** `pixels` * 2^`exposure` in float32, cut to 0..255, plus `noise`, cut and truncated. */
export function exposePixels(pixels: Uint8Array, exposure: number, noise: Float32Array): Uint8Array {
  const factor = Math.fround(2 ** exposure)
  const out = new Uint8Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) {
    const exposed = Math.min(255, Math.fround(pixels[i]! * factor))
    // Storing into bytes truncates.
    out[i] = Math.min(255, Math.max(0, exposed + noise[i]!))
  }
  return out
}
