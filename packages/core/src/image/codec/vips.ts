/**
 * libvips compiled to WebAssembly, for browsers. The other side of `#codec` is `sharp.ts`.
 *
 * wasm-vips is built from the same versions of libvips, libpng, mozjpeg, libtiff and libwebp as sharp, so the
 * samples are the same to the bit; e2e/browser.test.ts compares them. It needs threads, and so a page that is
 * isolated from other origins.
 */
import { readFile } from '#file'
import type Vips from 'wasm-vips'
import type { RawPicture, SampleKind, StoredMetadata } from './codec.ts'

/** Reads the header; errors are those of the decoder. */
export async function readMetadata(source: string | Uint8Array): Promise<StoredMetadata> {
  const bytes = typeof source === 'string' ? await readFile(source) : source
  const vips = await loadVips()
  return guarded(() => {
    using image = vips.Image.newFromBuffer(bytes, '', { fail_on: 'warning' })
    const number = (name: string): number | undefined =>
      image.getTypeof(name) === 0 ? undefined : image.getInt(name)
    return {
      width: image.width,
      height: image.height,
      channels: image.bands,
      // Nicknames of the enumerations, as sharp gives them.
      depth: image.format,
      space: image.interpretation,
      hasAlpha: image.hasAlpha(),
      orientation: number('orientation'),
      bitsPerSample: number('bits-per-sample'),
    }
  })
}

/** Samples as stored, alpha dropped, nothing turned; 16-bit ones as bytes of the machine. */
export async function readSamples(bytes: Uint8Array, { hasAlpha }: SampleKind): Promise<Uint8Array> {
  const vips = await loadVips()
  return guarded(() => {
    using image = vips.Image.newFromBuffer(bytes, '', { fail_on: 'warning', access: 'sequential' })
    using opaque = hasAlpha ? image.extractBand(0, { n: image.bands - 1 }) : image.copy()
    const samples = opaque.writeToMemory()
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
  })
}

/** `compression` is the zlib level. */
export async function writePng(picture: RawPicture, compression: number): Promise<Uint8Array> {
  const vips = await loadVips()
  return guarded(() => {
    using image = openRaw(vips, picture)
    return image.pngsaveBuffer({ compression, palette: false, keep: 'none' })
  })
}

/** With full colour resolution. */
export async function writeJpeg(picture: RawPicture, quality: number): Promise<Uint8Array> {
  const vips = await loadVips()
  return guarded(() => {
    using image = openRaw(vips, picture)
    return image.jpegsaveBuffer({ Q: quality, subsample_mode: 'off', keep: 'none' })
  })
}

export async function writeWebp(picture: RawPicture, quality: number): Promise<Uint8Array> {
  const vips = await loadVips()
  return guarded(() => {
    using image = openRaw(vips, picture)
    return image.webpsaveBuffer({ Q: quality, keep: 'none' })
  })
}

function openRaw(vips: typeof Vips, { pixels, width, height, channels }: RawPicture): Vips.Image {
  using raw = vips.Image.newFromMemory(pixels, width, height, channels, vips.BandFormat.uchar)
  return raw.copy({ interpretation: channels === 1 ? 'b-w' : 'srgb' })
}

// One instance for the page: it is a virtual machine of some megabytes with threads of its own.
let instance: Promise<typeof Vips> | undefined

function loadVips(): Promise<typeof Vips> {
  if (!('SharedArrayBuffer' in globalThis))
    throw new Error(
      'decoding needs a page that is isolated from other origins (Cross-Origin-Opener-Policy and -Embedder-Policy)',
    )
  instance ??= startVips()
  return instance
}

async function startVips(): Promise<typeof Vips> {
  const { default: start } = await import('wasm-vips')
  const silent = (): void => undefined
  // The dynamic libraries are for formats that are refused before they get here.
  return start({ dynamicLibraries: [], print: silent, printErr: silent })
}

function guarded<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw toPlainError(error)
  }
}

/** A C++ exception brings its type and, below a line about the call, what the decoder says. */
function toPlainError(error: unknown): unknown {
  const message =
    error !== null && typeof error === 'object' && 'message' in error ? error.message : undefined
  if (!Array.isArray(message)) return error
  const [, text] = message as readonly unknown[]
  const [call = '', ...reasons] = String(text).trim().split('\n')
  return new Error(reasons.join('\n') || call, { cause: error })
}
