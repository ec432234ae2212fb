/**
 * From a picture to what the encoder sees, and from places in the picture to places in there.
 *
 * Follows the reference to the bit: the longest side becomes the encoder's (halves rounded up), PIL's bilinear
 * resize, float32 normalisation, and then zeros to the right and below, which are grey and not black.
 */
import type { Tensor } from '@assay/graph'

import { resizeBilinear, type Uint8Image } from '../../image/index.ts'
import type { SamPlan } from './plan.ts'

/** The picture's size, and its size within the encoder's square, in pixels. */
export interface Placement {
  readonly width: number
  readonly height: number
  readonly insideWidth: number
  readonly insideHeight: number
}

const mean = [123.675, 116.28, 103.53].map(Math.fround)
const std = [58.395, 57.12, 57.375].map(Math.fround)

/** Where a picture of this size lies in the encoder's square. */
export function placeImage(width: number, height: number, { imageSize }: SamPlan): Placement {
  const scale = imageSize / Math.max(width, height)
  // A picture longer than 2 * imageSize times its short side would otherwise vanish.
  const inside = (length: number): number => Math.max(1, Math.floor(length * scale + 0.5))
  return { width, height, insideWidth: inside(width), insideHeight: inside(height) }
}

/** `[1, 3, S, S]`, normalised and padded. Takes three channels and sees the first as red, whatever it is. */
export function prepareImage(image: Uint8Image, plan: SamPlan): Tensor {
  const { width, height, channels, pixels } = image
  if (channels !== 3) throw new Error('internal: Segment Anything sees pictures of three channels')
  const { insideWidth, insideHeight } = placeImage(width, height, plan)
  const resized = resizeBilinear(pixels, width, height, 3, insideWidth, insideHeight)
  const size = plan.imageSize
  const data = new Float32Array(3 * size * size)
  for (let c = 0; c < 3; c++) {
    const values = Float32Array.from({ length: 256 }, (_, v) => Math.fround(v - mean[c]!) / std[c]!)
    for (let y = 0; y < insideHeight; y++) {
      const to = (c * size + y) * size
      const from = y * insideWidth * 3 + c
      for (let x = 0; x < insideWidth; x++) data[to + x] = values[resized[from + 3 * x]!]!
    }
  }
  return { dtype: 'float32', shape: [1, 3, size, size], data }
}
