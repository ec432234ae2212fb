/**
 * A picture of any size, read in bands of rows, with a copy of it that is small enough to hold.
 *
 * Pictures up to `heldPixels` are decoded into memory and are their own copy. A larger one is decoded once,
 * row by row, into a plain file (see `spool`), so that memory does not grow with it; the copy is the mean of
 * squares of whole pixels.
 */
import { openSpool } from '#spool'
import { toRgb8 } from './colour.ts'
import { decodeImage, defaultMaxPixels, readSpoolLayout, type DecodeOptions } from './decode.ts'
import type { Image } from './image.ts'
import { nameOfSource, type ImageSource } from './source.ts'
import type { Spool } from './spool/spool.ts'

export interface Picture extends AsyncDisposable {
  readonly width: number
  readonly height: number
  /** The whole picture, reduced where it is too large to hold: `[ceil(height / reduction), ...]`. */
  readonly whole: Image
  /** Side of the square of pixels that one pixel of `whole` stands for; 1 for all but very large pictures. */
  readonly reduction: number
  /** Rows `y` to `y + height` as three 8-bit channels, `[height, width, 3]`. */
  rows(y: number, height: number): Promise<Uint8Array>
}

export interface PictureOptions extends DecodeOptions {
  /** Pictures with more pixels are not held in memory. Default `defaultHeldPixels`. */
  readonly heldPixels?: number
}

/** A colour picture of this size takes 108 MB. */
export const defaultHeldPixels = 36_000_000

/**
 * Opens a picture; throws as `decodeImage` does, and OUTPUT_NOT_WRITABLE when the temporary folder cannot take
 * a large one. Pictures that are turned by their orientation, in ink (CMYK) or in BMP are always held.
 */
export async function openPicture(
  source: ImageSource | Image,
  options: PictureOptions = {},
): Promise<Picture> {
  if (typeof source === 'object' && 'pixels' in source) return holdPicture(source)
  const { heldPixels = defaultHeldPixels, maxPixels = defaultMaxPixels } = options
  const name = nameOfSource(source, options.name)
  const layout = await readSpoolLayout(source, { name, maxPixels, heldPixels })
  if (layout === null || openSpool === null)
    return holdPicture(await decodeImage(source, { name, maxPixels }))
  const spool = await openSpool(source, layout, name)
  try {
    return await readSpooled(spool, layout, heldPixels)
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    throw error
  }
}

function holdPicture(image: Image): Picture {
  const { width, height } = image
  let rgb: Uint8Array | undefined
  return {
    width,
    height,
    whole: image,
    reduction: 1,
    rows: async (y, count) => {
      rgb ??= toRgb8(image).pixels
      return rgb.subarray(y * width * 3, (y + count) * width * 3)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const bandRows = 64

type Layout = Pick<Image, 'width' | 'height' | 'channels' | 'depth'>

async function readSpooled(spool: Spool, layout: Layout, heldPixels: number): Promise<Picture> {
  const { width, height } = layout
  const rows = async (y: number, count: number): Promise<Uint8Array> =>
    toRgb8(await readBand(spool, layout, y, count)).pixels
  const reduction = Math.ceil(Math.sqrt((width * height) / heldPixels))
  const whole = await reduce(rows, { width, height }, reduction)
  return {
    width,
    height,
    whole,
    reduction,
    rows,
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  }
}

async function readBand(spool: Spool, layout: Layout, y: number, height: number): Promise<Image> {
  const { width, channels, depth } = layout
  const stride = width * channels * (depth / 8)
  const bytes = new Uint8Array(stride * height)
  await spool.read(bytes, y * stride)
  return { width, height, channels, depth, pixels: depth === 8 ? bytes : new Uint16Array(bytes.buffer) }
}

/** Means of squares of `factor` pixels, rounded; at the right and lower edge of what is there. */
async function reduce(
  rows: Picture['rows'],
  { width, height }: { readonly width: number; readonly height: number },
  factor: number,
): Promise<Image> {
  const columns = Math.ceil(width / factor)
  const lines = Math.ceil(height / factor)
  const pixels = new Uint8Array(columns * lines * 3)
  const sums = new Uint32Array(columns * 3)
  for (let top = 0; top < height; top += bandRows * factor) {
    const count = Math.min(bandRows * factor, height - top)
    const band = await rows(top, count)
    for (let first = 0; first < count; first += factor) {
      const high = Math.min(factor, count - first)
      sums.fill(0)
      for (let y = first; y < first + high; y++)
        for (let x = 0, i = y * width * 3; x < width; x++, i += 3) {
          const o = Math.trunc(x / factor) * 3
          sums[o]! += band[i]!
          sums[o + 1]! += band[i + 1]!
          sums[o + 2]! += band[i + 2]!
        }
      const line = ((top + first) / factor) * columns * 3
      for (let x = 0; x < columns; x++) {
        const area = high * Math.min(factor, width - x * factor)
        for (let c = 0; c < 3; c++) pixels[line + x * 3 + c] = Math.round(sums[x * 3 + c]! / area)
      }
    }
  }
  return { width: columns, height: lines, channels: 3, depth: 8, pixels }
}
