/**
 * PIL's bilinear resize with antialiasing, for bytes and for float planes: what torchvision does to PIL
 * images, and so what published models have seen.
 *
 * Two passes, across then down, with the intermediate rounded to the pixel type as in PIL; a pass that
 * changes nothing is skipped. Pillow 13 began to go down first when the height shrinks much more than the
 * width, which moves some bytes by one; published results rest on the order kept here (Pillow to 12.3).
 * Bytes use 22-bit integer weights: a sum stays near 255 * 2^22 + 2^21 and fits 32 bits.
 */

import { requireLength, requireSize } from './image.ts'
import { planBilinearAxis, toIntegerWeights, weightBits } from './resample-weights.ts'
import type { AxisWeights } from './resample-weights.ts'

const half = 1 << (weightBits - 1)

/** Bytes `[h, w, channels]` resized to `[newH, newW, channels]`, equal to PIL's BILINEAR to the bit. */
export function resizeBilinear(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: number,
  newW: number,
  newH: number,
): Uint8Array {
  requireLength('the picture to resize', pixels.length, w, h, channels)
  requireSize(newW, newH)
  let current = pixels
  if (newW !== w) current = acrossBytes(current, w, h, channels, planBilinearAxis(w, newW))
  if (newH !== h) current = downBytes(current, newW * channels, planBilinearAxis(h, newH))
  return current === pixels ? pixels.slice() : current
}

/** A plane `[h, w]` resized to `[newH, newW]`, equal to PIL's BILINEAR on mode F. */
export function resizePlane(
  plane: Float32Array,
  w: number,
  h: number,
  newW: number,
  newH: number,
): Float32Array {
  requireLength('the plane to resize', plane.length, w, h, 1)
  requireSize(newW, newH)
  let current = plane
  if (newW !== w) current = acrossFloats(current, w, h, planBilinearAxis(w, newW))
  if (newH !== h) current = downFloats(current, newW, planBilinearAxis(h, newH))
  return current === plane ? plane.slice() : current
}

function acrossBytes(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: number,
  axis: AxisWeights,
): Uint8Array {
  const weights = toIntegerWeights(axis)
  const out = new Uint8Array(h * axis.count * channels)
  const { count, taps, starts, lengths } = axis
  let to = 0
  // Rows, then outputs of a row, then the taps of an output; colour keeps its three sums in registers.
  for (let y = 0; y < h; y++) {
    const row = y * w * channels
    for (let k = 0; k < count; k++) {
      const firstTap = k * taps
      const lastTap = firstTap + lengths[k]!
      const first = row + starts[k]! * channels
      if (channels === 3) {
        let red = half
        let green = half
        let blue = half
        for (let t = firstTap, from = first; t < lastTap; t++, from += 3) {
          const weight = weights[t]!
          red = (red + Math.imul(pixels[from]!, weight)) | 0
          green = (green + Math.imul(pixels[from + 1]!, weight)) | 0
          blue = (blue + Math.imul(pixels[from + 2]!, weight)) | 0
        }
        out[to++] = toByte(red)
        out[to++] = toByte(green)
        out[to++] = toByte(blue)
      } else {
        for (let c = 0; c < channels; c++) {
          let sum = half
          for (let t = firstTap, from = first + c; t < lastTap; t++, from += channels)
            sum = (sum + Math.imul(pixels[from]!, weights[t]!)) | 0
          out[to++] = toByte(sum)
        }
      }
    }
  }
  return out
}

function downBytes(pixels: Uint8Array, rowLength: number, axis: AxisWeights): Uint8Array {
  const weights = toIntegerWeights(axis)
  const out = new Uint8Array(axis.count * rowLength)
  const sums = new Int32Array(rowLength)
  // Output rows, then taps, then whole source rows: memory is read in order.
  for (let k = 0; k < axis.count; k++) {
    sums.fill(half)
    for (let j = 0; j < axis.lengths[k]!; j++) {
      const weight = weights[k * axis.taps + j]!
      const row = (axis.starts[k]! + j) * rowLength
      for (let i = 0; i < rowLength; i++) sums[i]! += Math.imul(pixels[row + i]!, weight)
    }
    const to = k * rowLength
    for (let i = 0; i < rowLength; i++) out[to + i] = toByte(sums[i]!)
  }
  return out
}

function toByte(sum: number): number {
  const value = sum >> weightBits
  return value > 255 ? 255 : value
}

function acrossFloats(plane: Float32Array, w: number, h: number, axis: AxisWeights): Float32Array {
  const out = new Float32Array(h * axis.count)
  const { count, taps, starts, lengths, weights } = axis
  for (let y = 0; y < h; y++) {
    for (let k = 0; k < count; k++) {
      const first = y * w + starts[k]!
      let sum = 0
      for (let j = 0; j < lengths[k]!; j++) sum += plane[first + j]! * weights[k * taps + j]!
      out[y * count + k] = sum
    }
  }
  return out
}

function downFloats(plane: Float32Array, rowLength: number, axis: AxisWeights): Float32Array {
  const out = new Float32Array(axis.count * rowLength)
  const sums = new Float64Array(rowLength)
  for (let k = 0; k < axis.count; k++) {
    sums.fill(0)
    for (let j = 0; j < axis.lengths[k]!; j++) {
      const weight = axis.weights[k * axis.taps + j]!
      const row = (axis.starts[k]! + j) * rowLength
      for (let i = 0; i < rowLength; i++) sums[i]! += plane[row + i]! * weight
    }
    out.set(sums, k * rowLength)
  }
  return out
}
