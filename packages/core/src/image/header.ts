/**
 * Reads what a picture is without decoding it: size, channels, depth, format, orientation.
 *
 * This is also where pictures are refused whose kind of numbers has no fixed meaning as a brightness:
 * float, signed, 32 bit, Lab, more than one spare channel. Refusing beats guessing a scale.
 */

import { readMetadata } from '#codec'
import { AssayError, reasonOf } from '@assay/contract'
import { bmpHeaderBytes, parseBmpHeader } from './bmp-header.ts'
import type { SampleKind } from './codec/codec.ts'
import type { ImageFormat, ImageHeader } from './image.ts'
import { swapsSides, toOrientation } from './orient.ts'
import { nameOfSource, readSourceStart, sniffFormat } from './source.ts'
import type { ImageSource } from './source.ts'

/** What decoding needs to know beyond the header. */
export interface StoredLayout extends ImageHeader {
  /** How samples are stored: `cmyk` has four and becomes three. */
  readonly space: 'grey' | 'rgb' | 'cmyk'
  readonly hasAlpha: boolean
}

export interface HeaderOptions {
  /** How the picture is called in messages; the path by default. */
  readonly name?: string
}

/**
 * Size after orientation, channels and depth as `decodeImage` will give them, format and orientation.
 * Of a file only the header is read. Throws the same errors as `decodeImage`, except those of damage
 * further down in the file.
 */
export async function readImageHeader(
  source: ImageSource,
  options: HeaderOptions = {},
): Promise<ImageHeader> {
  const name = nameOfSource(source, options.name)
  const format = sniffFormat(await readSourceStart(source, 64, name), name)
  const { width, height, channels, depth, orientation } = await readLayout(source, format, name)
  return { width, height, channels, depth, format, orientation }
}

/** The header together with how the samples are stored. */
export async function readLayout(
  source: ImageSource,
  format: ImageFormat,
  name: string,
): Promise<StoredLayout> {
  if (format === 'bmp') {
    const { width, height, isGrey } = parseBmpHeader(
      await readSourceStart(source, bmpHeaderBytes, name),
      name,
    )
    const shape = isGrey
      ? ({ channels: 1, space: 'grey' } as const)
      : ({ channels: 3, space: 'rgb' } as const)
    return { width, height, ...shape, depth: 8, format, orientation: 1, hasAlpha: false }
  }
  const metadata = await readMetadata(source).catch((error: unknown) => {
    throw toDecoderError(error, name)
  })
  const { depth, space, hasAlpha, channels } = metadata
  const refuse = (reason: string): AssayError => new AssayError('IMAGE_UNSUPPORTED', { path: name, reason })
  if (depth !== 'uchar' && depth !== 'ushort')
    throw refuse(`${sampleKind(depth, metadata.bitsPerSample)} samples are not supported`)
  const kind = spaces.get(space)
  if (kind === undefined) throw refuse(`its colour space "${space}" is not grey, RGB or CMYK`)
  if (channels - (hasAlpha ? 1 : 0) !== kind.stored) throw refuse(`it has ${channels} channels`)
  if (kind.space === 'cmyk' && depth === 'ushort')
    throw refuse('CMYK with 16 bits per sample is not supported')
  const orientation = toOrientation(metadata.orientation)
  const turned = swapsSides(orientation)
  return {
    width: turned ? metadata.height : metadata.width,
    height: turned ? metadata.width : metadata.height,
    channels: kind.space === 'grey' ? 1 : 3,
    depth: depth === 'ushort' ? 16 : 8,
    format,
    orientation,
    space: kind.space,
    hasAlpha,
  }
}

/** How the samples of a layout are asked for. */
export function sampleKindOf({ space, depth, hasAlpha }: StoredLayout): SampleKind {
  switch (space) {
    case 'grey':
      return { space: depth === 16 ? 'grey16' : 'b-w', hasAlpha }
    case 'rgb':
      return { space: depth === 16 ? 'rgb16' : 'srgb', hasAlpha }
    case 'cmyk':
      return { space, hasAlpha }
    default:
      return space satisfies never
  }
}

// The decoder's names of colour spaces and how many samples a pixel of each has, alpha not counted.
const spaces: ReadonlyMap<string, { readonly space: StoredLayout['space']; readonly stored: number }> =
  new Map([
    ['b-w', { space: 'grey', stored: 1 }],
    ['grey16', { space: 'grey', stored: 1 }],
    ['srgb', { space: 'rgb', stored: 3 }],
    ['rgb16', { space: 'rgb', stored: 3 }],
    ['cmyk', { space: 'cmyk', stored: 4 }],
  ])

function sampleKind(depth: string, bits: number | undefined): string {
  const width = bits === undefined ? '' : `${bits}-bit `
  switch (depth) {
    case 'float':
    case 'double':
      return `${width}float`
    case 'char':
    case 'short':
    case 'int':
      return `${width}signed`
    case 'uint':
      return '32-bit integer'
    default:
      return depth
  }
}

/** The decoder's complaint as one of ours: a kind of TIFF that is not supported, or damage. */
export function toDecoderError(error: unknown, name: string): AssayError {
  const reason = reasonOf(error)
    .replace(/^Input (?:buffer|file) (?:has corrupt header: )?/, '')
    .replace(/^(?:VipsJpeg|vipspng|tiff2vips|webp|source): /, '')
  const refuse = (why: string): AssayError =>
    new AssayError('IMAGE_UNSUPPORTED', { path: name, reason: why }, { cause: error })
  // libvips says this of TIFFs with 64-bit or complex samples.
  if (reason.includes('samples out of range')) return refuse('samples of more than 32 bits are not supported')
  const compression = /^(\S+) compression support is not configured/.exec(reason)?.[1]
  if (compression !== undefined) return refuse(`${compression} compression is not supported`)
  // libvips sees what is wrong only as a warning, and then names a setting of ours.
  const said = reason.includes('due to failOn setting') ? 'the file is cut or damaged' : reason
  return new AssayError('IMAGE_UNREADABLE', { path: name, reason: said }, { cause: error })
}
