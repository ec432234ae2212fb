/** One picture of a training: its pixels and what its file holds, or the event that says why not. */
import { AssayError } from '@assay/contract'
import { openPicture, type Picture } from '../image/index.ts'
import type { ImageErrorEvent } from './options.ts'
import { pictureFiles, type PictureSource } from './picture-source.ts'

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
  source: PictureSource = pictureFiles,
): Promise<DecodedPicture | ImageErrorEvent> {
  try {
    const sha256 = await source.sha256(file)
    const limit = maxPixels === undefined ? {} : { maxPixels }
    const picture = await openPicture(source.find(file), { name: file, ...limit })
    return { file, sha256, picture }
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
