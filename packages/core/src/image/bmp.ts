/**
 * Decodes Windows and OS/2 bitmaps: 1, 2, 4, 8 bit with palette, 16, 24, 32 bit, RLE4, RLE8, bit fields,
 * rows from the bottom or from the top. Values equal PIL's; alpha is dropped as everywhere in this folder.
 */

import { AssayError } from '@assay/contract'
import { parseBmpHeader } from './bmp-header.ts'
import type { BmpHeader } from './bmp-header.ts'
import { unpackRle } from './bmp-rle.ts'
import type { Uint8Image } from './image.ts'

/** The picture in a BMP file. Grey palettes give one channel. Throws `IMAGE_UNREADABLE` if it is cut. */
export function decodeBmp(bytes: Uint8Array, name: string): Uint8Image {
  const header = parseBmpHeader(bytes, name)
  const { width, height, bits } = header
  const data = bytes.subarray(Math.min(header.dataOffset, bytes.length))
  const indexed = bits <= 8
  const channels = indexed && header.isGrey ? 1 : 3
  const cut = (): AssayError =>
    new AssayError('IMAGE_UNREADABLE', { path: name, reason: 'the file is cut: pixels are missing' })

  if (header.compression === 'rle4' || header.compression === 'rle8') {
    const indices = unpackRle(data, width, height, bits === 4 ? 4 : 8)
    if (indices === undefined) throw cut()
    const pixels = new Uint8Array(width * height * channels)
    for (let row = 0; row < height; row++)
      paintIndices(indices.subarray(row * width, (row + 1) * width), header, channels, pixels, row)
    return { width, height, channels, depth: 8, pixels }
  }

  // Rows are padded to four bytes, the last one perhaps not.
  const rowBytes = Math.ceil((width * bits) / 8)
  const stride = Math.ceil((width * bits) / 32) * 4
  if (stride * (height - 1) + rowBytes > data.length) throw cut()
  const pixels = new Uint8Array(width * height * channels)
  const indices = new Uint8Array(indexed ? width : 0)
  const paintRow = indexed ? undefined : pickPainter(header)
  for (let row = 0; row < height; row++) {
    const stored = data.subarray(row * stride, row * stride + rowBytes)
    if (paintRow === undefined) {
      unpackIndices(stored, bits, indices)
      paintIndices(indices, header, channels, pixels, row)
    } else {
      paintRow(stored, pixels, rowStart(header, row, 3))
    }
  }
  return { width, height, channels, depth: 8, pixels }
}

type RowPainter = (stored: Uint8Array, pixels: Uint8Array, at: number) => void

/** Where the `row`-th stored row begins in the upright picture. */
function rowStart(header: BmpHeader, row: number, channels: number): number {
  return (header.isTopDown ? row : header.height - 1 - row) * header.width * channels
}

function unpackIndices(stored: Uint8Array, bits: number, indices: Uint8Array): void {
  const perByte = 8 / bits
  const mask = (1 << bits) - 1
  for (let x = 0; x < indices.length; x++) {
    const byte = stored[Math.floor(x / perByte)]!
    indices[x] = (byte >> (8 - bits - (x % perByte) * bits)) & mask
  }
}

function paintIndices(
  indices: Uint8Array,
  header: BmpHeader,
  channels: 1 | 3,
  pixels: Uint8Array,
  row: number,
): void {
  const { palette } = header
  let to = rowStart(header, row, channels)
  for (const index of indices) for (let c = 0; c < channels; c++) pixels[to++] = palette[index * 3 + c]!
}

function pickPainter(header: BmpHeader): RowPainter {
  if (header.bits === 24) return paintBytes(3)
  const [red, green, blue] = header.masks
  if (header.bits === 32 && red === 0xff0000 && green === 0xff00 && blue === 0xff) return paintBytes(4)
  return paintMasked(header.bits === 16 ? 2 : 4, header.masks)
}

/** Blue, green, red in the first three bytes of every `step`. */
function paintBytes(step: number): RowPainter {
  return (stored, pixels, at) => {
    let to = at
    for (let i = 0; i + 2 < stored.length; i += step) {
      pixels[to++] = stored[i + 2]!
      pixels[to++] = stored[i + 1]!
      pixels[to++] = stored[i]!
    }
  }
}

/** Channels by bit mask, scaled by floor(v * 255 / max): PIL's rule for its 5 and 6 bits, kept for all widths. */
function paintMasked(step: 2 | 4, masks: readonly number[]): RowPainter {
  const fields = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
    return { shift, max: mask >>> shift }
  })
  return (stored, pixels, at) => {
    let to = at
    for (let i = 0; i + step <= stored.length; i += step) {
      const word =
        stored[i]! |
        (stored[i + 1]! << 8) |
        (step === 4 ? (stored[i + 2]! << 16) | (stored[i + 3]! << 24) : 0)
      for (const { shift, max } of fields) {
        const value = ((word >>> shift) & max) >>> 0
        pixels[to++] = max === 0 ? 0 : Math.floor((value * 255) / max)
      }
    }
  }
}
