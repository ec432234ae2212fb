/** What is measured of one picture, by itself. Runs in the doctor's process only. */
import { resizeBilinear, toGrey8, type Embedder, type Image } from '@assay/core'

export interface Measures {
  /** Side by side, `[32, 32]`: what the picture shows, without noise. */
  readonly thumb: readonly number[]
  /** Natural logarithm of the variance of the Laplacian: falls with blur. */
  readonly sharpness: number
  /** Mean grey value, 0 to 255. */
  readonly brightness: number
  /** See `openEmbedder`. */
  readonly features: readonly number[]
}

const thumbSide = 32
/** Sharpness is compared at one scale, or a larger picture would look softer. */
const sharpSide = 512

export async function measurePicture(image: Image, embedder: Embedder): Promise<Measures> {
  const { width, height } = image
  const { pixels } = toGrey8(image)
  const thumb = resizeBilinear(pixels, width, height, 1, thumbSide, thumbSide)
  const shrink = Math.min(1, sharpSide / Math.max(width, height))
  const w = Math.max(3, Math.round(width * shrink))
  const h = Math.max(3, Math.round(height * shrink))
  const small = resizeBilinear(pixels, width, height, 1, w, h)
  return {
    thumb: [...thumb],
    sharpness: Math.log(laplacianVariance(small, w, h) + 1e-3),
    brightness: small.reduce((sum, value) => sum + value, 0) / small.length,
    features: [...(await embedder.embed(image))],
  }
}

/** Of the four-neighbour Laplacian over all inner pixels of `[h, w]` (Pech-Pacheco et al. 2000). */
function laplacianVariance(grey: Uint8Array, w: number, h: number): number {
  let sum = 0
  let squares = 0
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1; x < w - 1; x++) {
      const at = y * w + x
      const value = grey[at - w]! + grey[at + w]! + grey[at - 1]! + grey[at + 1]! - 4 * grey[at]!
      sum += value
      squares += value * value
    }
  }
  const count = (w - 2) * (h - 2)
  return squares / count - (sum / count) ** 2
}
