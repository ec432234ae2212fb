/**
 * Writes and reads anomaly maps as single-channel float TIFF, 32 or 16 bit, so that other tools
 * (tifffile, the MVTec AD evaluation and its upload check) can open them.
 *
 * Written little-endian, uncompressed, in one strip. Read: both byte orders, 16, 32 and 64 bit, any
 * number of strips. Tiles, compression and BigTIFF are left out and refused by name.
 */

import { AssayError } from '@assay/contract'
import { fromFloat16Bits, toFloat16Bits } from '@assay/graph'
import { requireLength } from './image.ts'

export interface FloatTiffOptions {
  /** 16 is the IEEE half that MVTec AD 2 asks for: beyond 65504 it becomes infinity. */
  readonly bits: 32 | 16
}

/** A plane of floats, `[height, width]`. */
export interface FloatPlane {
  readonly width: number
  readonly height: number
  readonly plane: Float32Array
}

/** What a float TIFF says about its first page. */
export interface FloatTiffHeader {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bits: 16 | 32 | 64
  /** Another page follows. */
  readonly hasMore: boolean
}

/** The file's bytes for a plane `[h, w]`. */
export function encodeFloatTiff(
  plane: Float32Array,
  w: number,
  h: number,
  options: FloatTiffOptions,
): Uint8Array {
  requireLength('the plane to write', plane.length, w, h, 1)
  const { bits } = options
  const dataBytes = plane.length * (bits / 8)
  const entries: readonly (readonly [tag: number, type: number, value: number])[] = [
    [tags.width, types.long, w],
    [tags.height, types.long, h],
    [tags.bits, types.short, bits],
    [tags.compression, types.short, 1],
    [tags.photometric, types.short, 1], // zero is black
    [tags.stripOffsets, types.long, headBytes(11)],
    [tags.samples, types.short, 1],
    [tags.rowsPerStrip, types.long, h],
    [tags.stripBytes, types.long, dataBytes],
    [tags.planar, types.short, 1],
    [tags.sampleFormat, types.short, floatFormat],
  ]
  const bytes = new Uint8Array(headBytes(entries.length) + dataBytes)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0x4949) // II: little-endian
  view.setUint16(2, 42, true)
  view.setUint32(4, 8, true)
  view.setUint16(8, entries.length, true)
  for (const [i, [tag, type, value]] of entries.entries()) {
    const at = 10 + i * 12
    view.setUint16(at, tag, true)
    view.setUint16(at + 2, type, true)
    view.setUint32(at + 4, 1, true)
    if (type === types.short) view.setUint16(at + 8, value, true)
    else view.setUint32(at + 8, value, true)
  }
  let at = headBytes(entries.length)
  if (bits === 32) for (let i = 0; i < plane.length; i++, at += 4) view.setFloat32(at, plane[i]!, true)
  else for (let i = 0; i < plane.length; i++, at += 2) view.setUint16(at, toFloat16Bits(plane[i]!), true)
  return bytes
}

/**
 * Size and kind of a float TIFF, whether or not `decodeFloatTiff` could read its pixels. Throws
 * `IMAGE_UNREADABLE` if it is cut or no TIFF, `IMAGE_UNSUPPORTED` if its samples are no floats.
 */
export function readFloatTiffHeader(
  bytes: Uint8Array,
  options: { readonly name?: string } = {},
): FloatTiffHeader {
  const { name = 'the map' } = options
  const { directory, hasMore } = readDirectory(bytes, name)
  return toHeader(directory, hasMore, name)
}

function toHeader(directory: Directory, hasMore: boolean, name: string): FloatTiffHeader {
  const one = (tag: number, otherwise: number): number => directory.get(tag)?.[0] ?? otherwise
  const [width, height] = [one(tags.width, 0), one(tags.height, 0)]
  const [bits, format] = [one(tags.bits, 1), one(tags.sampleFormat, 1)]
  if (width < 1 || height < 1) throw cutError(name)
  if (format !== floatFormat || (bits !== 16 && bits !== 32 && bits !== 64)) {
    const reason = `it has ${bits}-bit samples of format ${format}, not floats`
    throw new AssayError('IMAGE_UNSUPPORTED', { path: name, reason })
  }
  return { width, height, channels: one(tags.samples, 1), bits, hasMore }
}

/**
 * The plane in a float TIFF. 64-bit samples are rounded to 32. Throws `IMAGE_UNREADABLE` if it is cut or
 * no TIFF, `IMAGE_UNSUPPORTED` if it is of another kind. `name` is used in messages.
 */
export function decodeFloatTiff(bytes: Uint8Array, options: { readonly name?: string } = {}): FloatPlane {
  const { name = 'the map' } = options
  const refuse = (reason: string): AssayError => new AssayError('IMAGE_UNSUPPORTED', { path: name, reason })
  const { directory, hasMore } = readDirectory(bytes, name)
  const { width, height, channels, bits } = toHeader(directory, hasMore, name)
  if (channels !== 1) throw refuse(`it has ${channels} channels, a map has one`)
  const compression = directory.get(tags.compression)?.[0] ?? 1
  if (compression !== 1) throw refuse(`it is compressed (TIFF scheme ${compression})`)
  const offsets = directory.get(tags.stripOffsets)
  const lengths = directory.get(tags.stripBytes)
  if (offsets === undefined || lengths === undefined) throw refuse('its pixels are not in strips')

  const sampleBytes = bits / 8
  // Checked before the plane is made: a damaged size must not reserve memory.
  if (lengths.reduce((sum, n) => sum + n, 0) < width * height * sampleBytes) throw cutError(name)
  if (offsets.some((offset, i) => offset + (lengths[i] ?? Infinity) > bytes.length)) throw cutError(name)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const little = isLittleEndian(bytes)
  const read = readers[bits]
  const plane = new Float32Array(width * height)
  let to = 0
  for (const [i, offset] of offsets.entries()) {
    const end = offset + lengths[i]!
    for (let at = offset; at + sampleBytes <= end && to < plane.length; at += sampleBytes)
      plane[to++] = read(view, at, little)
  }
  return { width, height, plane }
}

const tags = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  sampleFormat: 339,
} as const

const types = { short: 3, long: 4 } as const

/** SampleFormat 3 is IEEE floating point. */
const floatFormat = 3

const readers = {
  16: (view: DataView, at: number, little: boolean): number => fromFloat16Bits(view.getUint16(at, little)),
  32: (view: DataView, at: number, little: boolean): number => view.getFloat32(at, little),
  64: (view: DataView, at: number, little: boolean): number => view.getFloat64(at, little),
} as const

/** File header, directory of `entries` and the zero that ends it, rounded up to whole 8 bytes. */
function headBytes(entries: number): number {
  return Math.ceil((8 + 2 + entries * 12 + 4) / 8) * 8
}

function cutError(name: string): AssayError {
  return new AssayError('IMAGE_UNREADABLE', { path: name, reason: 'the TIFF file is cut' })
}

function isLittleEndian(bytes: Uint8Array): boolean {
  return bytes[0] === 0x49
}

/** The numbers of every entry of a directory whose type is a whole number, by tag. */
type Directory = ReadonlyMap<number, readonly number[]>

/** The first directory of the file, and whether another one follows. */
function readDirectory(
  bytes: Uint8Array,
  name: string,
): { readonly directory: Directory; readonly hasMore: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mark = bytes.length < 8 ? 0 : view.getUint16(0)
  const little = isLittleEndian(bytes)
  if ((mark !== 0x4949 && mark !== 0x4d4d) || view.getUint16(2, little) !== 42)
    throw new AssayError('IMAGE_UNREADABLE', { path: name, reason: 'it is not a TIFF file' })
  const start = view.getUint32(4, little)
  if (start + 2 > bytes.length) throw cutError(name)
  const count = view.getUint16(start, little)
  const end = start + 2 + count * 12
  if (end + 4 > bytes.length) throw cutError(name)
  const directory = new Map<number, readonly number[]>()
  for (let i = 0; i < count; i++) {
    const at = start + 2 + i * 12
    const type = view.getUint16(at + 2, little)
    const size = type === types.short ? 2 : type === types.long ? 4 : 0
    if (size === 0) continue
    const values = view.getUint32(at + 4, little)
    const from = values * size <= 4 ? at + 8 : view.getUint32(at + 8, little)
    if (from + values * size > bytes.length) throw cutError(name)
    directory.set(
      view.getUint16(at, little),
      Array.from({ length: values }, (_, k) =>
        size === 2 ? view.getUint16(from + k * 2, little) : view.getUint32(from + k * 4, little),
      ),
    )
  }
  return { directory, hasMore: view.getUint32(end, little) !== 0 }
}
