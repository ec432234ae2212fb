/**
 * Conversions of colour and depth, each with the one rule it follows.
 *
 * Where a rule of the Python Imaging Library exists it is followed to the bit, because published results
 * rest on it. No colour management: numbers are taken as stored.
 */

import { requireLength } from './image.ts'
import type { Image, Uint8Image } from './image.ts'

export interface DepthOptions {
  /**
   * The 16-bit value that becomes 255; larger ones are cut. 65535 by default. A camera of 12 bits that
   * stores 0 to 4095 in 16-bit files wants 4095, or its pictures come out almost black.
   */
  readonly white?: number
}

/**
 * The picture as three 8-bit channels, `[height, width, 3]`. Grey is repeated; 16 bit becomes 8 by
 * rounding v * 255 / white. PIL and OpenCV drop the low byte instead, which is up to one level darker.
 * The buffer is shared when nothing has to change.
 */
export function toRgb8(image: Image, options: DepthOptions = {}): Uint8Image {
  const { width, height } = image
  const bytes = toBytes(image.pixels, options)
  if (image.channels === 3) return { width, height, channels: 3, depth: 8, pixels: bytes }
  const pixels = new Uint8Array(width * height * 3)
  for (let i = 0, o = 0; i < bytes.length; i++) {
    const v = bytes[i]!
    pixels[o++] = v
    pixels[o++] = v
    pixels[o++] = v
  }
  return { width, height, channels: 3, depth: 8, pixels }
}

/**
 * The picture as one 8-bit channel, `[height, width, 1]`: ITU-R 601 luma in the fixed-point weights of
 * PIL's `convert('L')`. The buffer is shared when nothing has to change.
 */
export function toGrey8(image: Image, options: DepthOptions = {}): Uint8Image {
  const { width, height } = image
  const bytes = toBytes(image.pixels, options)
  if (image.channels === 1) return { width, height, channels: 1, depth: 8, pixels: bytes }
  const pixels = new Uint8Array(width * height)
  for (let i = 0, o = 0; o < pixels.length; i += 3, o++)
    pixels[o] = (bytes[i]! * 19595 + bytes[i + 1]! * 38470 + bytes[i + 2]! * 7471 + 0x8000) >> 16
  return { width, height, channels: 1, depth: 8, pixels }
}

/** Red and blue exchanged, for methods whose published code hands OpenCV's order to an RGB model. */
export function swapRedBlue(pixels: Uint8Array): Uint8Array {
  const swapped = new Uint8Array(pixels.length)
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    swapped[i] = pixels[i + 2]!
    swapped[i + 1] = pixels[i + 1]!
    swapped[i + 2] = pixels[i]!
  }
  return swapped
}

/**
 * Printing colours to RGB, `[n, 4]` to `[n, 3]`, by PIL's rule: each ink and then black takes its share
 * of the light. No profile is involved.
 */
export function cmykToRgb(cmyk: Uint8Array, width: number, height: number): Uint8Array {
  requireLength('the CMYK picture', cmyk.length, width, height, 4)
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0, o = 0; i < cmyk.length; i += 4) {
    const light = 255 - cmyk[i + 3]!
    for (let c = 0; c < 3; c++) {
      const product = cmyk[i + c]! * light + 128
      rgb[o++] = light - (((product >> 8) + product) >> 8)
    }
  }
  return rgb
}

function toBytes(pixels: Uint8Array | Uint16Array, options: DepthOptions): Uint8Array {
  if (pixels instanceof Uint8Array) return pixels
  const { white = 65535 } = options
  if (!(white > 0)) throw new Error(`internal: ${white} is not a white level.`)
  const bytes = new Uint8Array(pixels.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.min(255, (pixels[i]! * 255) / white + 0.5)
  return bytes
}
