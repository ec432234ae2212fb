/** The small square view of a picture from which its product is recognised. */
import { resizeBilinear, toRgb8, type Image } from '../image/index.ts'

/** uint8 `[side, side, 3]`, the whole picture squeezed into a square. */
export function viewOf(image: Image, side: number): Uint8Array {
  return resizeBilinear(toRgb8(image).pixels, image.width, image.height, 3, side, side)
}
