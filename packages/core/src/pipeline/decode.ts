/** One picture of a training: its pixels and what its file holds, or the event that says why not. */
import { AssayError } from '@assay/contract'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { openPicture, type Picture } from '../image/index.ts'
import type { ImageErrorEvent } from './options.ts'

export interface DecodedPicture {
  readonly file: string
  /** Of the file's bytes. */
  readonly sha256: Uint8Array
  /** To be closed by whoever uses it. */
  readonly picture: Picture
}

/** Pictures decoded while the runtime is busy. */
export const decodeAhead = 3

/** Reads and decodes one picture; what a user can mend becomes an event, and the rest of the folder goes on. */
export async function decodePicture(
  file: string,
  maxPixels: number | undefined,
): Promise<DecodedPicture | ImageErrorEvent> {
  try {
    // First, because it says best what is wrong with a file that is not there.
    await stat(file)
    const picture = await openPicture(file, maxPixels === undefined ? {} : { maxPixels })
    const hash = createHash('sha256')
    await pipeline(createReadStream(file), hash)
    return { file, sha256: hash.digest(), picture }
  } catch (error) {
    if (error instanceof AssayError) return toImageError(file, error)
    return toImageError(file, new AssayError('IMAGE_NOT_FOUND', { path: file }, { cause: error }))
  }
}

/** Closes a picture that was decoded ahead and is not wanted any more. */
export async function discardPicture(decoded: DecodedPicture | ImageErrorEvent): Promise<void> {
  if (!('type' in decoded)) await decoded.picture[Symbol.asyncDispose]()
}

/** An AssayError about one picture as an event; anything else is a fault of ours and goes up. */
export function toImageError(image: string, error: unknown): ImageErrorEvent {
  if (!(error instanceof AssayError)) throw error
  return { type: 'image-error', image, code: error.code, message: error.message, hint: error.hint }
}
