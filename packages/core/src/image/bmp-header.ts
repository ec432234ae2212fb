/**
 * Reads the header of a Windows or OS/2 bitmap: size, bits, compression, channel masks and palette.
 *
 * Written by hand because the decoder behind `decode.ts` has no BMP. All header generations share the
 * fields read here: OS/2 1.x (12 bytes), OS/2 2.x (16 to 64), Windows 3 (40), with masks (52, 56), V4
 * (108), V5 (124). JPEG or PNG inside BMP exists for printers only and is refused.
 */

import { AssayError } from '@assay/contract'

type BmpCompression = 'none' | 'rle8' | 'rle4' | 'bitfields'

export interface BmpHeader {
  readonly width: number
  readonly height: number
  /** Rows are stored from the bottom unless the header's height was negative. */
  readonly isTopDown: boolean
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32
  readonly compression: BmpCompression
  /** Where the pixels begin in the file. */
  readonly dataOffset: number
  /** Red, green, blue for 16 and 32 bit. */
  readonly masks: readonly [red: number, green: number, blue: number]
  /** 256 entries of red, green, blue for 8 bit and less, missing ones black; empty otherwise. */
  readonly palette: Uint8Array
  /** Whether every palette entry is a grey, so that the picture is read as one channel. */
  readonly isGrey: boolean
}

/** Bytes that are enough to read any BMP header with its palette. */
export const bmpHeaderBytes: number = 14 + 124 + 16 + 256 * 4

/** Reads the header from the beginning of a file. Throws `IMAGE_UNREADABLE` or `IMAGE_UNSUPPORTED`. */
export function parseBmpHeader(bytes: Uint8Array, name: string): BmpHeader {
  const unreadable = (reason: string): AssayError =>
    new AssayError('IMAGE_UNREADABLE', { path: name, reason })
  const unsupported = (reason: string): AssayError =>
    new AssayError('IMAGE_UNSUPPORTED', { path: name, reason })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 26) throw unreadable('the BMP header is cut off')
  const dataOffset = view.getUint32(10, true)
  const headerSize = view.getUint32(14, true)
  const isCore = headerSize === 12
  if (!isCore && (headerSize < 16 || headerSize > 124))
    throw unreadable(`${headerSize} is not the size of a BMP header`)
  if (bytes.length < 14 + headerSize) throw unreadable('the BMP header is cut off')

  // Fields beyond a short OS/2 2.x header read as zero.
  const field = (at: number): number => (at + 4 <= headerSize ? view.getUint32(14 + at, true) : 0)
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true)
  const storedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true)
  const bits = view.getUint16(isCore ? 24 : 28, true)
  const height = Math.abs(storedHeight)
  if (width <= 0 || height === 0) throw unreadable(`its size of ${width} x ${height} is not one`)
  if (!isBitCount(bits)) throw unsupported(`${bits} bits per pixel are not a kind of BMP`)

  const compression = compressionOf(isCore ? 0 : field(16), headerSize, bits)
  if (compression === undefined)
    throw unsupported(`BMP compression ${field(16)} with ${bits} bits per pixel is not read`)

  // Windows 3 headers are followed by the masks, larger ones contain them; both begin at byte 54.
  let paletteAt = 14 + headerSize
  let masks: readonly [number, number, number] =
    bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
  if (compression === 'bitfields') {
    if (bytes.length < 66) throw unreadable('the BMP header is cut off')
    masks = [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)]
    if (headerSize === 40) paletteAt += field(16) === 6 ? 16 : 12
    if (!masks.every((m) => isMask(m, bits))) throw unsupported('its channel masks have gaps')
  }

  const palette = new Uint8Array(bits <= 8 ? 256 * 3 : 0)
  let isGrey = bits <= 8
  if (bits <= 8) {
    const step = isCore ? 3 : 4
    // Files exist whose palette is shorter than 2^bits without saying so; the pixels begin where it ends.
    const room = dataOffset > paletteAt ? Math.floor((dataOffset - paletteAt) / step) : 256
    const count = Math.min(field(32) || 1 << bits, 1 << bits, room)
    if (paletteAt + count * step > bytes.length) throw unreadable('the BMP palette is cut off')
    for (let i = 0; i < count; i++) {
      const at = paletteAt + i * step
      const [blue, green, red] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!]
      palette.set([red, green, blue], i * 3)
      if (red !== green || green !== blue) isGrey = false
    }
  }
  return { width, height, isTopDown: storedHeight < 0, bits, compression, dataOffset, masks, palette, isGrey }
}

function isBitCount(bits: number): bits is BmpHeader['bits'] {
  return [1, 2, 4, 8, 16, 24, 32].includes(bits)
}

function compressionOf(code: number, headerSize: number, bits: number): BmpCompression | undefined {
  if (code === 0) return 'none'
  if (code === 1 && bits === 8) return 'rle8'
  if (code === 2 && bits === 4) return 'rle4'
  // In OS/2 2.x headers (not 40, 52, 56, 108, 124 bytes) the codes 3 and 4 mean other things.
  const isWindows = headerSize === 40 || headerSize === 52 || headerSize === 56 || headerSize >= 108
  if ((code === 3 || code === 6) && isWindows && (bits === 16 || bits === 32)) return 'bitfields'
  return undefined
}

/** A channel mask is one run of ones inside the pixel. Zero is allowed: that channel is black. */
function isMask(mask: number, bits: number): boolean {
  if (bits === 16 && mask > 0xffff) return false
  const run = mask === 0 ? 0 : mask >>> (31 - Math.clz32(mask & -mask))
  return (run & (run + 1)) === 0
}
