/** libvips through sharp, for Node. The other side of `#codec` is `vips.ts`. */
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import type { RawPicture, SampleKind, StoredMetadata } from './codec.ts'

/** Reads the header; errors are those of the decoder. */
export async function readMetadata(source: string | Uint8Array): Promise<StoredMetadata> {
  const { width, height, channels, depth, space, hasAlpha, orientation, bitsPerSample } = await sharp(
    source,
    {
      failOn: 'warning',
      limitInputPixels: false,
    },
  ).metadata()
  return { width, height, channels, depth, space, hasAlpha, orientation, bitsPerSample }
}

/** Samples as stored, alpha dropped, nothing turned; 16-bit ones as bytes of the machine. */
export async function readSamples(bytes: Uint8Array, kind: SampleKind): Promise<Uint8Array> {
  return openSamples(bytes, kind, false)
    .raw({ depth: kind.space.endsWith('16') ? 'ushort' : 'uchar' })
    .toBuffer()
}

/**
 * The same samples into a new file of libvips' own format, row by row, so that memory does not grow with them. Its
 * name ends in .v; 64 bytes of header, then rows of interleaved samples.
 */
export async function spoolSamples(
  source: string | Uint8Array,
  kind: SampleKind,
  file: string,
): Promise<void> {
  await openSamples(source, kind, true).toFile(file)
}

function openSamples(
  source: string | Uint8Array,
  { space, hasAlpha }: SampleKind,
  isSequential: boolean,
): Sharp {
  let pipeline = sharp(source, {
    failOn: 'warning', // the level at which libvips refuses a JPEG whose data end early
    ignoreIcc: true,
    limitInputPixels: false, // the caller has checked the size
    page: 0,
    autoOrient: false,
    sequentialRead: isSequential,
  })
  if (hasAlpha) pipeline = pipeline.removeAlpha()
  // CMYK must be named on the way in as well, or a built-in printing profile would be applied.
  if (space === 'cmyk') pipeline = pipeline.pipelineColourspace('cmyk')
  return pipeline.toColourspace(space)
}

/** `compression` is the zlib level. */
export async function writePng(picture: RawPicture, compression: number): Promise<Uint8Array> {
  return openRaw(picture).png({ compressionLevel: compression, palette: false }).toBuffer()
}

/** With full colour resolution. */
export async function writeJpeg(picture: RawPicture, quality: number): Promise<Uint8Array> {
  return openRaw(picture).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer()
}

export async function writeWebp(picture: RawPicture, quality: number): Promise<Uint8Array> {
  return openRaw(picture).webp({ quality }).toBuffer()
}

function openRaw({ pixels, width, height, channels }: RawPicture): Sharp {
  const raw = sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false })
  // sharp would quietly write grey as three channels.
  return channels === 1 ? raw.toColourspace('b-w') : raw
}
