/**
 * Where a picture comes from: a path or bytes, its name in messages, and its format by the first bytes.
 *
 * File name endings are not believed. Formats which the decoder behind us would also open (SVG, GIF,
 * AVIF) are refused here on purpose: no inspection camera writes them, and SVG may name other files.
 */

import { openFile, readFile } from '#file'
import { AssayError, reasonOf } from '@assay/contract'
import type { ImageFormat } from './image.ts'

/** A path, or the bytes of a file. */
export type ImageSource = string | Uint8Array

/** How a source is called in messages. */
export function nameOfSource(source: ImageSource, name?: string): string {
  return name ?? (typeof source === 'string' ? source : 'the picture')
}

/** All bytes of the source. Throws `IMAGE_NOT_FOUND`, or `IMAGE_UNREADABLE` if reading fails. */
export async function readSource(source: ImageSource, name: string): Promise<Uint8Array> {
  if (typeof source !== 'string') return source
  try {
    return await readFile(source)
  } catch (error) {
    throw toSourceError(error, name)
  }
}

/** The first `length` bytes of the source, or fewer if it ends before. */
export async function readSourceStart(
  source: ImageSource,
  length: number,
  name: string,
): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, length)
  try {
    await using file = await openFile(source)
    const buffer = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const count = await file.read(buffer, filled, length - filled, filled)
      if (count === 0) break
      filled += count
    }
    return buffer.subarray(0, filled)
  } catch (error) {
    throw toSourceError(error, name)
  }
}

/** The last `length` bytes of the source, or all of a shorter one. */
export async function readSourceEnd(source: ImageSource, length: number, name: string): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(-length)
  try {
    await using file = await openFile(source)
    const buffer = new Uint8Array(Math.min(length, file.size))
    const count = await file.read(buffer, 0, buffer.length, file.size - buffer.length)
    return buffer.subarray(0, count)
  } catch (error) {
    throw toSourceError(error, name)
  }
}

/** The format by its signature. Throws `IMAGE_UNREADABLE` or, for known foreign formats, `IMAGE_UNSUPPORTED`. */
export function sniffFormat(start: Uint8Array, name: string): ImageFormat {
  if (start.length === 0)
    throw new AssayError('IMAGE_UNREADABLE', { path: name, reason: 'the file is empty' })
  if (startsWith(start, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png'
  if (startsWith(start, 0, [0xff, 0xd8, 0xff])) return 'jpeg'
  if (startsWith(start, 0, [0x49, 0x49, 0x2a, 0]) || startsWith(start, 0, [0x4d, 0x4d, 0, 0x2a]))
    return 'tiff'
  if (startsWith(start, 0, [0x49, 0x49, 0x2b, 0]) || startsWith(start, 0, [0x4d, 0x4d, 0, 0x2b]))
    return 'tiff'
  if (startsWith(start, 0, ascii('RIFF')) && startsWith(start, 8, ascii('WEBP'))) return 'webp'
  if (startsWith(start, 0, ascii('BM')) && start.length >= 18) return 'bmp'
  const foreign = foreignFormats.find(([, at, magic]) => startsWith(start, at, ascii(magic)))
  if (foreign !== undefined)
    throw new AssayError('IMAGE_UNSUPPORTED', {
      path: name,
      reason: `${foreign[0]} is not a format of inspection pictures`,
    })
  throw new AssayError('IMAGE_UNREADABLE', {
    path: name,
    reason: 'its first bytes are not those of a PNG, JPEG, TIFF, BMP or WebP picture',
  })
}

// Name, offset and signature of formats worth naming in a refusal.
const foreignFormats: readonly (readonly [name: string, at: number, magic: string])[] = [
  ['GIF', 0, 'GIF8'],
  ['SVG', 0, '<svg'],
  ['AVIF or HEIF', 4, 'ftypavif'],
  ['AVIF or HEIF', 4, 'ftyphei'],
  ['AVIF or HEIF', 4, 'ftypmif1'],
  ['JPEG 2000', 4, 'jP  '],
  ['PDF', 0, '%PDF'],
  ['Photoshop', 0, '8BPS'],
]

function ascii(text: string): readonly number[] {
  return Array.from(text, (c) => c.charCodeAt(0))
}

function startsWith(bytes: Uint8Array, at: number, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[at + i] === byte)
}

function toSourceError(error: unknown, name: string): AssayError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AssayError('IMAGE_NOT_FOUND', { path: name }, { cause: error })
  const reason = code === 'EISDIR' ? 'it is a folder' : reasonOf(error)
  return new AssayError('IMAGE_UNREADABLE', { path: name, reason }, { cause: error })
}
