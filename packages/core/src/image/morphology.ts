/**
 * Erosion and dilation of byte planes by a rectangle, with OpenCV's conventions.
 *
 * The window of a kernel of k pixels reaches k >> 1 to the left and above, and the rest to the right and
 * below: [-3, +2] for 6, for dilation too (OpenCV does not mirror the kernel). Pixels outside the
 * picture do not take part, so the border neither erodes nor grows.
 */

import { requireLength } from './image.ts'

/** A square side, or width and height, of the rectangle in pixels. */
export type KernelSize = number | { readonly width: number; readonly height: number }

/** The minimum in each pixel's window: `cv2.erode` with ones, default anchor. `plane` is `[h, w]`. */
export function erode(plane: Uint8Array, w: number, h: number, kernel: KernelSize): Uint8Array {
  return sweep(plane, w, h, kernel, 255)
}

/** The maximum in each pixel's window: `cv2.dilate` with ones, default anchor. `plane` is `[h, w]`. */
export function dilate(plane: Uint8Array, w: number, h: number, kernel: KernelSize): Uint8Array {
  return sweep(plane, w, h, kernel, 0)
}

/** `neutral` is the value that never wins: 255 looks for minima, 0 for maxima. */
function sweep(plane: Uint8Array, w: number, h: number, kernel: KernelSize, neutral: 0 | 255): Uint8Array {
  requireLength('the plane', plane.length, w, h, 1)
  const { width, height } = typeof kernel === 'number' ? { width: kernel, height: kernel } : kernel
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new Error(`internal: ${width} x ${height} is not a kernel size.`)
  // A margin of neutral pixels around the picture makes the border like the inside.
  const stride = w + width - 1
  const rows = h + height - 1
  const field = new Uint8Array(stride * rows).fill(neutral)
  for (let y = 0; y < h; y++)
    field.set(plane.subarray(y * w, (y + 1) * w), (y + (height >> 1)) * stride + (width >> 1))
  // After spanning, every cell holds the extreme of the window that begins at it. Along rows a window
  // may run into the next row, but only for cells right of the last output column.
  span(field, width, 1, neutral)
  span(field, height, stride, neutral)
  const out = new Uint8Array(w * h)
  for (let y = 0; y < h; y++) out.set(field.subarray(y * stride, y * stride + w), y * w)
  return out
}

/**
 * Replaces each cell by the extreme of `length` cells that are `step` apart, itself the first. Windows
 * double in length until the last step, which overlaps: any length takes log2 passes.
 */
function span(field: Uint8Array, length: number, step: number, neutral: 0 | 255): void {
  for (let covered = 1; covered < length;) {
    const shift = Math.min(covered, length - covered)
    const ahead = shift * step
    const end = field.length - ahead
    // Ascending order: the cell ahead still holds the previous window.
    if (neutral === 255)
      for (let i = 0; i < end; i++) {
        const other = field[i + ahead]!
        if (other < field[i]!) field[i] = other
      }
    else
      for (let i = 0; i < end; i++) {
        const other = field[i + ahead]!
        if (other > field[i]!) field[i] = other
      }
    covered += shift
  }
}
