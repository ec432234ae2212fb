/**
 * The torchvision pair that prepares pictures for backbones: resize the short side, cut out the centre.
 *
 * Both follow torchvision on PIL images, including its truncation of the long side and Python's rounding
 * of halves to even, which moves the crop by a pixel compared with ordinary rounding.
 */

import { requireLength, requireSize } from './image.ts'
import { resizeBilinear } from './resize.ts'
import { roundHalfEven } from './rounding.ts'

export interface SizedPixels {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** The size after `Resize(shortSide)`: the long side keeps the ratio and is truncated. */
export function shortSideSize(
  w: number,
  h: number,
  shortSide: number,
): { readonly width: number; readonly height: number } {
  requireSize(w, h)
  requireSize(shortSide, shortSide)
  const longSide = Math.trunc((shortSide * Math.max(w, h)) / Math.min(w, h))
  return w <= h ? { width: shortSide, height: longSide } : { width: longSide, height: shortSide }
}

/** Bytes `[h, w, channels]` resized so that the short side has `shortSide` pixels. */
export function resizeShortSide(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: number,
  shortSide: number,
): SizedPixels {
  const { width, height } = shortSideSize(w, h, shortSide)
  return { width, height, pixels: resizeBilinear(pixels, w, h, channels, width, height) }
}

/**
 * Where the centre crop of `size` out of `length` begins. Negative where the picture is smaller: then
 * that many zeros come first, and the odd one last.
 */
export function centreCropStart(length: number, size: number): number {
  return length >= size ? roundHalfEven((length - size) / 2) : -Math.floor((size - length) / 2)
}

/** The central `newW` x `newH` of bytes `[h, w, channels]`; a smaller picture is padded with zeros. */
export function centreCrop(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: number,
  newW: number,
  newH: number,
): Uint8Array {
  requireLength('the picture to crop', pixels.length, w, h, channels)
  requireSize(newW, newH)
  const left = centreCropStart(w, newW)
  const top = centreCropStart(h, newH)
  const out = new Uint8Array(newW * newH * channels)
  const fromX = Math.max(0, left)
  const toX = Math.max(0, -left)
  const columns = Math.min(w, newW)
  for (let y = Math.max(0, -top); y < Math.min(newH, h - top); y++) {
    const from = ((y + top) * w + fromX) * channels
    out.set(pixels.subarray(from, from + columns * channels), (y * newW + toX) * channels)
  }
  return out
}
