/**
 * The picture as the rest of Assay sees it: plain numbers with their size and depth.
 *
 * Orientation is applied, alpha is gone, colours are the stored ones (see `decode.ts` for why). Rows run
 * from the top, samples of a pixel lie side by side: `[height, width, channels]`.
 */

/** A decoded picture: `pixels` is `[height, width, channels]`, row-major and interleaved. */
export interface Image {
  readonly width: number
  readonly height: number
  /** 1 is grey, 3 is red, green, blue. */
  readonly channels: 1 | 3
  /** Bits per sample of `pixels`: the source's own depth, with 1, 2 and 4 bit widened to 8. */
  readonly depth: 8 | 16
  readonly pixels: Uint8Array | Uint16Array
}

/** An image of bytes, grey or colour. */
export interface Uint8Image extends Image {
  readonly depth: 8
  readonly pixels: Uint8Array
}

/** File formats that are read. */
export type ImageFormat = 'png' | 'jpeg' | 'tiff' | 'webp' | 'bmp'

/** EXIF orientation: 1 is upright; 5 to 8 exchange width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** What the first bytes of a file promise; `width` and `height` are those after orientation. */
export interface ImageHeader {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly depth: 8 | 16
  readonly format: ImageFormat
  /** The orientation found in the file; decoding applies it. */
  readonly orientation: Orientation
}

/** Refuses a buffer whose length does not fit its size: always a fault of the caller. */
export function requireLength(
  what: string,
  length: number,
  width: number,
  height: number,
  channels: number,
): void {
  if (
    length !== width * height * channels ||
    !Number.isInteger(width) ||
    !Number.isInteger(height) ||
    width < 1 ||
    height < 1
  )
    throw new Error(
      `internal: ${what} has ${length} samples, not those of ${width} x ${height} x ${channels}.`,
    )
}

/** Refuses a target size that is not a positive whole number. */
export function requireSize(width: number, height: number): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new Error(`internal: ${width} x ${height} is not a picture size.`)
}
