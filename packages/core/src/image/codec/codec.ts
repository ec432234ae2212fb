/** What both codecs, libvips in Node and in a browser, are asked for. */

/** What a file says of itself, in the words of libvips. */
export interface StoredMetadata {
  /** Before orientation is applied. */
  readonly width: number
  readonly height: number
  /** Alpha included. */
  readonly channels: number
  /** Kind of sample: `uchar`, `ushort`, `float`, ... */
  readonly depth: string
  /** Colour space: `b-w`, `srgb`, `grey16`, `rgb16`, `cmyk`, ... */
  readonly space: string
  readonly hasAlpha: boolean
  /** EXIF orientation as stored. */
  readonly orientation: number | undefined
  readonly bitsPerSample: number | undefined
}

/** How samples are wanted. */
export interface SampleKind {
  readonly space: 'b-w' | 'grey16' | 'srgb' | 'rgb16' | 'cmyk'
  readonly hasAlpha: boolean
}

/** Bytes `[height, width, channels]` to be written. */
export interface RawPicture {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}
