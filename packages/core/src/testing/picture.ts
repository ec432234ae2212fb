/** Small made-up pictures as raw arrays. */
import type { Uint8Image } from '../image/index.ts'
import { createRandom } from '../random.ts'

export interface PictureOptions {
  readonly width: number
  readonly height: number
  readonly seed: number
  /** Which product: the colour, direction and width of its stripes. */
  readonly kind?: number
  /** Standard deviation of the noise; default 6 of 255. */
  readonly noise?: number
}

/** Stripes of a product in colour, with noise. */
export function drawPicture({ width, height, seed, kind = 0, noise = 6 }: PictureOptions): Uint8Image {
  const random = createRandom(seed, 'picture', kind)
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const phase = kind % 2 === 0 ? x / (5 + kind) : y / (4 + kind)
      for (let c = 0; c < 3; c++) {
        const value =
          128 + 60 * Math.sin(phase + c) + 40 * Math.cos(2 * kind + 2 * c) + noise * random.normal()
        pixels[(y * width + x) * 3 + c] = Math.min(255, Math.max(0, Math.round(value)))
      }
    }
  }
  return { width, height, channels: 3, depth: 8, pixels }
}

/** Uniform noise. */
export function drawNoisePicture(width: number, height: number, seed: number): Uint8Image {
  const random = createRandom(seed, 'noise-picture')
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.integer(256))
  return { width, height, channels: 3, depth: 8, pixels }
}
