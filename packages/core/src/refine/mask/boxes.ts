/** The largest regions of a mask and the boxes around them, which prompt a segmenter. */
import { labelComponents } from '../../region/index.ts'

/** `[left, top, right, bottom]`; right and bottom do not belong to it. */
export type SegmentBox = readonly [left: number, top: number, right: number, bottom: number]

export interface LargestRegions {
  /** Smallest region first, at most as many as asked for. */
  readonly boxes: readonly SegmentBox[]
  /** `[h, w]`: 1 + the number of the box whose region a pixel belongs to, or 0. */
  readonly owners: Uint8Array
}

/**
 * The `n` (at most 255) largest 8-connected regions of non-zero pixels of `mask` `[h, w]`.
 *
 * Of equal areas the region that begins later wins, as published: there the regions are numbered by the
 * first square of 2 x 2 pixels that they touch, and sorted by rising area. (With more than 16 regions the
 * published sort does not promise an order of equal areas; ours does.)
 */
export function findLargestRegions(
  mask: Uint8Array,
  width: number,
  height: number,
  n: number,
): LargestRegions {
  const { labels, count } = labelComponents(mask, width, height)
  const area = new Uint32Array(count + 1)
  const left = new Int32Array(count + 1).fill(width)
  const right = new Int32Array(count + 1)
  const top = new Int32Array(count + 1).fill(height)
  const bottom = new Int32Array(count + 1)
  const firstSquare = new Float64Array(count + 1).fill(Infinity)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const label = labels[i]!
      if (label === 0) continue
      area[label]! += 1
      left[label] = Math.min(left[label]!, x)
      right[label] = Math.max(right[label]!, x + 1)
      top[label] = Math.min(top[label]!, y)
      bottom[label] = y + 1
      firstSquare[label] = Math.min(firstSquare[label]!, (y >> 1) * width + (x >> 1))
    }
  }
  const chosen = Array.from({ length: count }, (_, i) => i + 1)
    .sort((a, b) => area[a]! - area[b]! || firstSquare[a]! - firstSquare[b]!)
    .slice(Math.max(0, count - n))
  const owner = new Uint8Array(count + 1)
  chosen.forEach((label, box) => (owner[label] = box + 1))
  const owners = new Uint8Array(labels.length)
  for (let i = 0; i < labels.length; i++) owners[i] = owner[labels[i]!]!
  return {
    boxes: chosen.map((label) => [left[label]!, top[label]!, right[label]!, bottom[label]!]),
    owners,
  }
}

/** The boxes alone: the prompts for a segmenter. */
export function largestBoxes(
  mask: Uint8Array,
  width: number,
  height: number,
  n: number,
): readonly SegmentBox[] {
  return findLargestRegions(mask, width, height, n).boxes
}
