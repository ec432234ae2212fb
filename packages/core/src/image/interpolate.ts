/**
 * PyTorch's `F.interpolate(mode='bilinear')` for float planes, both corner conventions, no antialias.
 *
 * Positions, weights and sums are float32 in the order of PyTorch's vector code, so usual map sizes come
 * out equal to the bit; where it falls back to scalar code, values of size 1 differ by up to 4e-6.
 */

import { requireLength, requireSize } from './image.ts'

export interface InterpolateOptions {
  /** True puts the corner pixels onto each other; false (PyTorch's default) the outer edges. */
  readonly alignCorners: boolean
  /** Only these rows of the result, `[first, one past the last]`; all of them by default. */
  readonly rows?: readonly [number, number]
}

/** A plane `[h, w]` as `[newH, newW]`, or its `rows`. Mind the order: height first, as in PyTorch. */
export function interpolateBilinear(
  plane: Float32Array,
  h: number,
  w: number,
  newH: number,
  newW: number,
  options: InterpolateOptions,
): Float32Array {
  requireLength('the plane to interpolate', plane.length, w, h, 1)
  requireSize(newW, newH)
  const { alignCorners, rows: [firstRow, lastRow] = [0, newH] } = options
  const columns = planAxis(w, newW, alignCorners)
  const rows = planAxis(h, newH, alignCorners)
  const out = new Float32Array((lastRow - firstRow) * newW)
  let to = 0
  for (let y = firstRow; y < lastRow; y++) {
    const upper = rows.first[y]! * w
    const lower = rows.second[y]! * w
    const down = rows.share[y]!
    const up = Math.fround(1 - down)
    for (let x = 0; x < newW; x++) {
      const left = columns.first[x]!
      const right = columns.second[x]!
      const far = columns.share[x]!
      const near = Math.fround(1 - far)
      // A rounded product inside a fused multiply-add, as PyTorch's vector code does.
      const above = Math.fround(near * plane[upper + left]! + Math.fround(far * plane[upper + right]!))
      const below = Math.fround(near * plane[lower + left]! + Math.fround(far * plane[lower + right]!))
      out[to++] = up * above + Math.fround(down * below)
    }
  }
  return out
}

interface Axis {
  readonly first: Int32Array
  readonly second: Int32Array
  /** The weight of `second`; `first` has the rest. */
  readonly share: Float32Array
}

function planAxis(from: number, to: number, alignCorners: boolean): Axis {
  const first = new Int32Array(to)
  const second = new Int32Array(to)
  const share = new Float32Array(to)
  const scale = alignCorners ? (to > 1 ? Math.fround((from - 1) / (to - 1)) : 0) : Math.fround(from / to)
  for (let k = 0; k < to; k++) {
    const position = alignCorners
      ? Math.fround(scale * k)
      : Math.max(0, Math.fround(Math.fround(scale * (k + 0.5)) - 0.5))
    const index = Math.min(Math.floor(position), from - 1)
    first[k] = index
    second[k] = Math.min(index + 1, from - 1)
    share[k] = Math.min(1, Math.max(0, position - index))
  }
  return { first, second, share }
}
