/**
 * `cv2.resize` with INTER_LINEAR: half-pixel centres, no antialias, for bytes and float planes.
 *
 * Bytes follow OpenCV's fixed-point arithmetic to the bit (11-bit weights, two truncating steps), and
 * its special case: reducing by exactly two is the rounded mean of four pixels. Left out: other modes.
 */

import { requireLength, requireSize } from './image.ts'
import { roundHalfEven } from './rounding.ts'

/** Bytes `[h, w, channels]` resized to `[newH, newW, channels]`, equal to OpenCV's to the bit. */
export function resizeLinearOpenCv(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: number,
  newW: number,
  newH: number,
): Uint8Array {
  requireLength('the picture to resize', pixels.length, w, h, channels)
  requireSize(newW, newH)
  if (w === newW && h === newH) return pixels.slice()
  if (w === newW * 2 && h === newH * 2) return halve(pixels, w, channels, newW, newH)
  const columns = planAxis(w, newW, 'moved', 'float')
  const rows = planAxis(h, newH, 'clamped', 'float')
  const out = new Uint8Array(newW * newH * channels)
  const rowLength = newW * channels
  // Horizontal sums of the two source rows in use, kept while consecutive outputs share them.
  let upper: Int32Array = new Int32Array(rowLength)
  let lower: Int32Array = new Int32Array(rowLength)
  let upperRow = -1
  let lowerRow = -1
  for (let y = 0; y < newH; y++) {
    const [first, second] = [rows.first[y]!, rows.second[y]!]
    if (first === lowerRow) {
      ;[upper, lower] = [lower, upper]
      ;[upperRow, lowerRow] = [lowerRow, upperRow]
    }
    if (first !== upperRow) sumRow(pixels, first * w * channels, channels, columns, upper)
    upperRow = first
    if (second !== lowerRow) sumRow(pixels, second * w * channels, channels, columns, lower)
    lowerRow = second
    const far = roundHalfEven(rows.share[y]! * 2048)
    const near = roundHalfEven(Math.fround(1 - rows.share[y]!) * 2048)
    const to = y * rowLength
    for (let i = 0; i < rowLength; i++)
      out[to + i] =
        ((Math.imul(near, upper[i]! >> 4) >> 16) + (Math.imul(far, lower[i]! >> 4) >> 16) + 2) >> 2
  }
  return out
}

/**
 * A plane `[h, w]` resized to `[newH, newW]`, equal to OpenCV 5's to the bit if both sides have two pixels
 * or more. OpenCV 4 computes positions in float32: values of size 1 differ by up to 2e-5.
 */
export function resizePlaneLinearOpenCv(
  plane: Float32Array,
  w: number,
  h: number,
  newW: number,
  newH: number,
): Float32Array {
  requireLength('the plane to resize', plane.length, w, h, 1)
  requireSize(newW, newH)
  if (w === newW && h === newH) return plane.slice()
  const columns = planAxis(w, newW, 'moved', 'double')
  const rows = planAxis(h, newH, 'clamped', 'double')
  const out = new Float32Array(newW * newH)
  let to = 0
  for (let y = 0; y < newH; y++) {
    const upper = rows.first[y]! * w
    const lower = rows.second[y]! * w
    const far = rows.share[y]!
    for (let x = 0; x < newW; x++) {
      const left = columns.first[x]!
      const right = columns.second[x]!
      const share = columns.share[x]!
      // Differences are rounded, then a fused multiply-add.
      const above = Math.fround(
        plane[upper + left]! + share * Math.fround(plane[upper + right]! - plane[upper + left]!),
      )
      const below = Math.fround(
        plane[lower + left]! + share * Math.fround(plane[lower + right]! - plane[lower + left]!),
      )
      out[to++] = above + far * Math.fround(below - above)
    }
  }
  return out
}

interface Axis {
  readonly first: Int32Array
  readonly second: Int32Array
  /** The weight of `second`. */
  readonly share: Float32Array
}

/**
 * Positions along one axis. Outside the picture OpenCV moves the position onto the edge along rows, but
 * clamps only the indices along columns; the results agree, the rounding does not.
 */
function planAxis(
  from: number,
  to: number,
  outside: 'moved' | 'clamped',
  precision: 'float' | 'double',
): Axis {
  const first = new Int32Array(to)
  const second = new Int32Array(to)
  const share = new Float32Array(to)
  const scale = from / to
  for (let k = 0; k < to; k++) {
    const exact = (k + 0.5) * scale - 0.5
    const position = precision === 'float' ? Math.fround(exact) : exact
    let index = Math.floor(position)
    let rest = position - index
    if (outside === 'moved' && (index < 0 || index >= from - 1)) {
      index = index < 0 ? 0 : from - 1
      rest = 0
    }
    first[k] = Math.min(Math.max(index, 0), from - 1)
    second[k] = Math.min(Math.max(index + 1, 0), from - 1)
    share[k] = rest
  }
  return { first, second, share }
}

function sumRow(pixels: Uint8Array, row: number, channels: number, columns: Axis, sums: Int32Array): void {
  let to = 0
  for (let x = 0; x < columns.first.length; x++) {
    const far = roundHalfEven(columns.share[x]! * 2048)
    const near = roundHalfEven(Math.fround(1 - columns.share[x]!) * 2048)
    const left = row + columns.first[x]! * channels
    const right = row + columns.second[x]! * channels
    for (let c = 0; c < channels; c++) sums[to++] = pixels[left + c]! * near + pixels[right + c]! * far
  }
}

function halve(pixels: Uint8Array, w: number, channels: number, newW: number, newH: number): Uint8Array {
  const out = new Uint8Array(newW * newH * channels)
  const below = w * channels
  let to = 0
  for (let y = 0; y < newH; y++)
    for (let x = 0; x < newW; x++)
      for (let c = 0; c < channels; c++) {
        const at = 2 * y * below + 2 * x * channels + c
        const sum =
          pixels[at]! + pixels[at + channels]! + pixels[at + below]! + pixels[at + below + channels]!
        out[to++] = (sum + 2) >> 2
      }
  return out
}
