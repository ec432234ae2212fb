/**
 * Where a training gets its pictures by their names: from files, whose names are paths, or from what a page
 * holds in memory.
 */
import { hashFile } from '#file'
import { AssayError } from '@assay/contract'
import type { ImageSource } from '../image/index.ts'
import { sha256Of } from '../sha256.ts'

export interface PictureSource {
  /** What decoding takes. */
  find(name: string): ImageSource
  /** Of the bytes of the file. */
  sha256(name: string): Promise<Uint8Array>
}

export const pictureFiles: PictureSource = { find: (path) => path, sha256: hashFile }

/** The bytes of a picture file with the name that messages use. */
export interface NamedPicture {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Pictures in memory. OPTION_INVALID for two of one name, which could not be told apart. */
export function holdPictures(pictures: readonly NamedPicture[]): PictureSource {
  const byName = new Map<string, Uint8Array>()
  for (const { name, bytes } of pictures) {
    if (byName.has(name))
      throw new AssayError('OPTION_INVALID', {
        option: 'pictures',
        value: name,
        reason: 'there are two pictures of this name',
      })
    byName.set(name, bytes)
  }
  const find = (name: string): Uint8Array => {
    const bytes = byName.get(name)
    if (bytes === undefined) throw new Error(`internal: there is no picture ${name}`)
    return bytes
  }
  return { find, sha256: (name) => sha256Of(find(name)) }
}
