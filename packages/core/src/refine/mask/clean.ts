/** Cleaning a mask by its shape alone, without a segmenter. */
import { dilate, erode } from '../../image/index.ts'
import { fillHoles, labelComponents } from '../../region/index.ts'

export interface CleanOptions {
  /** Joins what a gap of up to twice so many pixels separates; 0 leaves it out. */
  readonly closeRadiusPx: number
  /** Fills holes of at most so many pixels; 0 leaves them, Infinity fills all. */
  readonly largestHolePx: number
  /** Takes away what a square of side twice this plus one does not fit into; 0 leaves it out. */
  readonly openRadiusPx: number
  /** Takes away regions of fewer pixels. */
  readonly smallestAreaPx: number
}

/** Fills holes and changes nothing else. */
export const defaultCleaning: CleanOptions = {
  closeRadiusPx: 0,
  largestHolePx: Infinity,
  openRadiusPx: 0,
  smallestAreaPx: 1,
}

/**
 * A cleaned copy of `mask` `[h, w]`, 0 or 255. The order: closing, holes, opening, smallest area. Closing comes
 * first so that the pieces of a broken scratch are joined before anything small is taken away, and
 * holes before opening, so that a thin ring counts as the disc that it encloses. Squares are odd, so
 * nothing is shifted. As in OpenCV pixels outside are ignored: opening does not eat a region at the border,
 * and closing fills a gap of up to the radius between a region and the border.
 */
export function cleanMask(
  mask: Uint8Array,
  width: number,
  height: number,
  options: Partial<CleanOptions> = {},
): Uint8Array {
  const { closeRadiusPx, largestHolePx, openRadiusPx, smallestAreaPx } = { ...defaultCleaning, ...options }
  let cleaned: Uint8Array = mask.map((value) => (value === 0 ? 0 : 255))
  if (closeRadiusPx > 0) {
    const side = 2 * closeRadiusPx + 1
    cleaned = erode(dilate(cleaned, width, height, side), width, height, side)
  }
  if (largestHolePx > 0) cleaned = fillHoles(cleaned, width, height, { largestAreaPx: largestHolePx })
  if (openRadiusPx > 0) {
    const side = 2 * openRadiusPx + 1
    cleaned = dilate(erode(cleaned, width, height, side), width, height, side)
  }
  return smallestAreaPx > 1 ? keepLarge(cleaned, width, height, smallestAreaPx) : cleaned
}

function keepLarge(mask: Uint8Array, width: number, height: number, smallestAreaPx: number): Uint8Array {
  const { labels, count } = labelComponents(mask, width, height)
  const area = new Uint32Array(count + 1)
  for (const label of labels) area[label]! += 1
  return mask.map((value, i) => (area[labels[i]!]! >= smallestAreaPx ? value : 0))
}
