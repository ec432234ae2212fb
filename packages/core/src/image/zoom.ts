/**
 * `scipy.ndimage.zoom(order=1)`: linear, with the corner pixels on the corners.
 *
 * Used where a published pipeline scales this way. Values are weighted and summed in scipy's order, in
 * double, so results are equal to the bit.
 */

import { requireLength, requireSize } from './image.ts'
import { roundHalfEven } from './rounding.ts'

export interface ZoomOptions {
  /**
   * For some sizes (8 to 26, say) the last source position exceeds the last pixel by one rounding error.
   * 'clamp' (default) takes the last pixel; 'zero' gives a black border there, as scipy does.
   */
  readonly overshoot?: 'clamp' | 'zero'
}

/** The length that scipy gives an axis of `length` zoomed by `factor`: halves are rounded to even. */
export function zoomedLength(length: number, factor: number): number {
  return Math.max(1, roundHalfEven(length * factor))
}

/** Samples `[h, w]` zoomed to `[newH, newW]`; bytes are rounded, floats stay. Height first, as in scipy. */
export function zoomLinear<T extends Uint8Array | Float32Array | Float64Array>(
  plane: T,
  h: number,
  w: number,
  newH: number,
  newW: number,
  options: ZoomOptions = {},
): T {
  requireLength('the plane to zoom', plane.length, w, h, 1)
  requireSize(newW, newH)
  const { overshoot = 'clamp' } = options
  const columns = planZoomAxis(w, newW, overshoot)
  const rows = planZoomAxis(h, newH, overshoot)
  // The constructor of a typed array makes its own kind.
  const out = new (plane.constructor as new (length: number) => T)(newH * newW)
  const rounding = plane instanceof Uint8Array ? 0.5 : 0
  let to = 0
  for (let y = 0; y < newH; y++) {
    const down = rows.share[y]!
    const up = 1 - down
    const upper = rows.index[y]! * w
    const lower = Math.min(rows.index[y]! + 1, h - 1) * w
    for (let x = 0; x < newW; x++, to++) {
      const left = columns.index[x]!
      // A negative index marks a position outside the picture: the sample stays zero.
      if (left < 0 || upper < 0) continue
      const right = left + 1 < w ? left + 1 : left
      const far = columns.share[x]!
      const near = 1 - far
      let sum = plane[upper + left]! * up * near
      sum += plane[upper + right]! * up * far
      sum += plane[lower + left]! * down * near
      sum += plane[lower + right]! * down * far
      // Storing into bytes truncates, so adding a half rounds.
      out[to] = sum + rounding
    }
  }
  return out
}

function planZoomAxis(
  from: number,
  to: number,
  overshoot: 'clamp' | 'zero',
): { readonly index: Int32Array; readonly share: Float64Array } {
  const index = new Int32Array(to)
  const share = new Float64Array(to)
  const scale = to > 1 ? (from - 1) / (to - 1) : 1
  for (let k = 0; k < to; k++) {
    const position = k * scale
    if (position > from - 1) {
      index[k] = overshoot === 'zero' ? -1 : from - 1
    } else {
      index[k] = Math.floor(position)
      // scipy computes the first weight and gives the second what is left of 1; the detour rounds.
      share[k] = 1 - (1 - (position - index[k]!))
    }
  }
  return { index, share }
}
