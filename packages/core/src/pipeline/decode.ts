/** One picture of a training: its bytes and pixels, or the event that says why not. */
import { AssayError } from '@assay/contract'
import fs from 'node:fs/promises'
import { decodeImage, type Image } from '../image/index.ts'
import type { ImageErrorEvent } from './options.ts'

export interface DecodedPicture {
  readonly file: string
  readonly bytes: Uint8Array
  readonly image: Image
}

/** Pictures decoded while the runtime is busy. */
export const decodeAhead = 3

/** Reads and decodes one picture; what a user can mend becomes an event, and the rest of the folder goes on. */
export async function decodePicture(
  file: string,
  maxPixels: number | undefined,
): Promise<DecodedPicture | ImageErrorEvent> {
  try {
    const bytes = await fs.readFile(file)
    const image = await decodeImage(bytes, { name: file, ...(maxPixels === undefined ? {} : { maxPixels }) })
    return { file, bytes, image }
  } catch (error) {
    if (error instanceof AssayError) return toImageError(file, error)
    return toImageError(file, new AssayError('IMAGE_NOT_FOUND', { path: file }, { cause: error }))
  }
}

/** An AssayError about one picture as an event; anything else is a fault of ours and goes up. */
export function toImageError(image: string, error: unknown): ImageErrorEvent {
  if (!(error instanceof AssayError)) throw error
  return { type: 'image-error', image, code: error.code, message: error.message, hint: error.hint }
}
