/**
 * Opens picture files: PNG, JPEG, TIFF, WebP through libvips (see `codec`), BMP by our own reader.
 *
 * Every choice which a library would make quietly is made here on purpose:
 * - 8-bit values are those PIL gives for the same file (JPEG too: same inverse DCT and chroma filter).
 * - 16 bit stays 16 bit, also grey. Orientation is applied. Of several pages or frames, the first.
 * - Alpha is dropped, not blended: the colour under it is what PIL's `convert('RGB')` and published
 *   pipelines see.
 * - ICC profiles are ignored: stored numbers are compared with stored numbers of the same camera.
 * - A cut or damaged file is refused. Half a picture filled with grey would be inspected as a part.
 */

import { readSamples } from '#codec'
import { AssayError } from '@assay/contract'
import { decodeBmp } from './bmp.ts'
import { cmykToRgb } from './colour.ts'
import { readLayout, sampleKindOf, toDecoderError } from './header.ts'
import type { StoredLayout } from './header.ts'
import type { Image } from './image.ts'
import { swapsSides, turnUpright } from './orient.ts'
import { requirePngEnd } from './png-end.ts'
import { nameOfSource, readSource, readSourceStart, sniffFormat } from './source.ts'
import type { ImageSource } from './source.ts'

export interface DecodeOptions {
  /** Refuses larger pictures before decoding them. 400 million by default. */
  readonly maxPixels?: number
  /** How the picture is called in messages; the path by default. */
  readonly name?: string
}

/** The default of `maxPixels`: a colour picture of this size takes 1.2 GB. */
export const defaultMaxPixels = 400_000_000

/**
 * The picture at a path or in the bytes of a file, upright, grey or RGB, 8 or 16 bit.
 * Throws `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE` (empty, cut, damaged, not a picture), `IMAGE_UNSUPPORTED`
 * (float samples, foreign formats) or `IMAGE_TOO_LARGE`.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<Image> {
  const { maxPixels = defaultMaxPixels } = options
  const name = nameOfSource(source, options.name)
  const bytes = await readSource(source, name)
  const format = sniffFormat(bytes.subarray(0, 64), name)
  const layout = await readLayout(bytes, format, name)
  const { width, height } = layout
  if (width * height > maxPixels)
    throw new AssayError('IMAGE_TOO_LARGE', { path: name, width, height, limit: maxPixels })
  if (format === 'bmp') return decodeBmp(bytes, name)
  if (format === 'png') requirePngEnd(bytes, name)
  return decodeStored(bytes, layout, name)
}

async function decodeStored(bytes: Uint8Array, layout: StoredLayout, name: string): Promise<Image> {
  const { width, height, channels, depth, orientation, space } = layout
  const stored = await decodeSamples(bytes, layout, name)
  const turned = swapsSides(orientation)
  const [storedWidth, storedHeight] = turned ? [height, width] : [width, height]
  const colours =
    space === 'cmyk' && stored instanceof Uint8Array ? cmykToRgb(stored, storedWidth, storedHeight) : stored
  const pixels = turnUpright(colours, storedWidth, storedHeight, channels, orientation)
  return { width, height, channels, depth, pixels }
}

export interface SpoolOptions {
  readonly name: string
  readonly maxPixels: number
  /** Smaller pictures are held in memory. */
  readonly heldPixels: number
}

/**
 * How the samples of a picture are stored that is too large to hold and can be decoded row by row; null for
 * smaller ones and for those whose samples have to be moved about afterwards.
 */
export async function readSpoolLayout(
  source: ImageSource,
  { name, maxPixels, heldPixels }: SpoolOptions,
): Promise<StoredLayout | null> {
  const format = sniffFormat(await readSourceStart(source, 64, name), name)
  const layout = await readLayout(source, format, name)
  const { width, height, orientation, space } = layout
  if (width * height > maxPixels)
    throw new AssayError('IMAGE_TOO_LARGE', { path: name, width, height, limit: maxPixels })
  const isHeld = width * height <= heldPixels || format === 'bmp' || orientation !== 1 || space === 'cmyk'
  return isHeld ? null : layout
}

/** Samples as stored: not turned, ink still ink, alpha dropped. */
async function decodeSamples(
  bytes: Uint8Array,
  layout: StoredLayout,
  name: string,
): Promise<Uint8Array | Uint16Array> {
  const kind = sampleKindOf(layout)
  const samples = await readSamples(bytes, kind).catch((error: unknown) => {
    throw toDecoderError(error, name)
  })
  const is16 = layout.depth === 16
  const { buffer, byteOffset, byteLength } = samples
  const channels = kind.space === 'cmyk' ? 4 : layout.channels
  const expected = layout.width * layout.height * channels * (is16 ? 2 : 1)
  if (byteLength !== expected)
    throw new Error(`internal: ${name} decoded to ${byteLength} bytes, its header promised ${expected}.`)
  if (!is16) return new Uint8Array(buffer, byteOffset, byteLength)
  return byteOffset % 2 === 0
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength))
}
