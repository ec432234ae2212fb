/**
 * Writes pictures: PNG for masks and overlays, JPEG for reports, WebP for screens, all through libvips (see `codec`).
 *
 * Grey stays one channel, nothing is quantised to a palette, no colour
 * profile or date is added, so equal pixels give equal files.
 */

import { writeJpeg, writePng, writeWebp } from '#codec'
import { requireLength } from './image.ts'

export interface PngOptions {
  /** zlib level, 0 (fast, large) to 9. */
  readonly compression?: number
}

export interface JpegOptions {
  /** 1 to 100. */
  readonly quality?: number
}

/** An 8-bit PNG of `[h, w, channels]`: grey, RGB, or RGB with alpha. */
export async function encodePng(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: 1 | 3 | 4,
  options: PngOptions = {},
): Promise<Uint8Array> {
  const { compression = 6 } = options
  requireLength('the picture to write', pixels.length, w, h, channels)
  return writePng({ pixels, width: w, height: h, channels }, compression)
}

/**
 * A mask `[h, w]` as the field stores them: grey PNG (PIL mode L) of 0 and 255 only. Whatever is not
 * zero becomes 255.
 */
export async function encodeMaskPng(mask: Uint8Array, w: number, h: number): Promise<Uint8Array> {
  return encodePng(
    mask.map((v) => (v === 0 ? 0 : 255)),
    w,
    h,
    1,
  )
}

/** A JPEG of `[h, w, channels]` with full colour resolution, so that thin outlines keep their colour. */
export async function encodeJpeg(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: 1 | 3,
  options: JpegOptions = {},
): Promise<Uint8Array> {
  const { quality = 90 } = options
  requireLength('the picture to write', pixels.length, w, h, channels)
  return writeJpeg({ pixels, width: w, height: h, channels }, quality)
}

/** A WebP of `[h, w, channels]`, for a screen: small, and not for measuring. Each side is at most 16383. */
export async function encodeWebp(
  pixels: Uint8Array,
  w: number,
  h: number,
  channels: 1 | 3,
  options: JpegOptions = {},
): Promise<Uint8Array> {
  const { quality = 80 } = options
  requireLength('the picture to write', pixels.length, w, h, channels)
  return writeWebp({ pixels, width: w, height: h, channels }, quality)
}
