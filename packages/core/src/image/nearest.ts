/**
 * Nearest-neighbour resizing in the three flavours the field uses; they pick different pixels.
 *
 * PIL takes the pixel under the centre of the output pixel. OpenCV and PyTorch take the one under its
 * top left corner, PyTorch in float32, which differs from double for some sizes (36 to 20).
 */

import { requireLength, requireSize } from './image.ts'

export type NearestRule = 'pil' | 'torch' | 'opencv'

/** Samples `[h, w, channels]` picked to `[newH, newW, channels]`; any typed array, values unchanged. */
export function resizeNearest<T extends Uint8Array | Uint16Array | Float32Array>(
  pixels: T,
  w: number,
  h: number,
  channels: number,
  newW: number,
  newH: number,
  rule: NearestRule,
): T {
  requireLength('the picture to resize', pixels.length, w, h, channels)
  requireSize(newW, newH)
  const columns = nearestIndices(w, newW, rule)
  const rows = nearestIndices(h, newH, rule)
  // The constructor of a typed array makes its own kind.
  const out = new (pixels.constructor as new (length: number) => T)(newW * newH * channels)
  let to = 0
  for (const row of rows)
    for (const column of columns) {
      const from = (row * w + column) * channels
      for (let c = 0; c < channels; c++) out[to++] = pixels[from + c]!
    }
  return out
}

/** The source index of every output index along one axis. */
function nearestIndices(from: number, to: number, rule: NearestRule): Int32Array {
  const indices = new Int32Array(to)
  // PIL walks along the axis and adds up the step; rounding errors of the sum decide ties, so it is kept.
  let walked = (from / to) * 0.5
  for (let k = 0; k < to; k++) {
    indices[k] = Math.min(from - 1, Math.floor(positionOf(k, from, to, rule, walked)))
    walked += from / to
  }
  return indices
}

function positionOf(k: number, from: number, to: number, rule: NearestRule, walked: number): number {
  switch (rule) {
    case 'pil':
      return walked
    case 'torch':
      return Math.fround(k * Math.fround(from / to))
    case 'opencv':
      // OpenCV inverts the enlargement instead of dividing, which decides ties.
      return k * (1 / (to / from))
    default:
      return rule satisfies never
  }
}
