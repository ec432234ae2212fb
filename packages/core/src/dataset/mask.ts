/**
 * Opens a ground-truth mask: every pixel that is not black is defect, as in the MVTec evaluation.
 *
 * Grey edges of a resized or JPEG mask therefore count as defect; `describeDataset` reports them.
 */
import { AssayError } from '@assay/contract'
import { decodeImage, type Image } from '../image/index.ts'

/**
 * The mask at `path` as `[h, w]`, 255 where it is not black. Refuses one that has another size than its
 * image; it is never resized, because a shifted mask would blame the model.
 */
export async function readMask(
  path: string,
  image: { readonly name: string; readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const mask = await decodeImage(path)
  if (mask.width !== image.width || mask.height !== image.height) {
    const reason = `it has ${mask.width} x ${mask.height} pixels, the image ${image.width} x ${image.height}`
    throw new AssayError('DATA_MASK_MISMATCH', { path, image: image.name, reason })
  }
  return Uint8Array.from(largestChannel(mask), (value) => (value === 0 ? 0 : 255))
}

/** `isEmpty`: all black. `isBinary`: black and one other value at most, as a mask should be. */
export function judgeMask(mask: Image): { readonly isEmpty: boolean; readonly isBinary: boolean } {
  let first = 0
  for (const value of largestChannel(mask)) {
    if (value === 0 || value === first) continue
    if (first !== 0) return { isEmpty: false, isBinary: false }
    first = value
  }
  return { isEmpty: first === 0, isBinary: true }
}

/** `[h, w]` of the largest sample of each pixel, so that a mask painted in red is one too. */
function largestChannel(mask: Image): Uint8Array | Uint16Array {
  const { width, height, channels, pixels } = mask
  if (channels === 1) return pixels
  const largest = new Uint16Array(width * height)
  for (let i = 0, p = 0; i < largest.length; i++, p += 3) {
    largest[i] = Math.max(pixels[p]!, pixels[p + 1]!, pixels[p + 2]!)
  }
  return largest
}
