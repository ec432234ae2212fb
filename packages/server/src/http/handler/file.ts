/** Files of the store as answers, and small pictures that are made once and kept in the cache. */
import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Services } from '../../services.ts'
import type { BytesAnswer } from '../call.ts'
import { mediaTypeOf } from '../media.ts'

const thumbnailSide = 320
const viewSide = 1600

export interface Files {
  /** A picture as it came. */
  picture(sha256: string): Promise<BytesAnswer>
  /** A file whose type is known. */
  file(sha256: string, type: string, saveAs?: string): Promise<BytesAnswer>
  thumbnail(sha256: string): Promise<BytesAnswer>
  view(sha256: string): Promise<BytesAnswer>
}

export function createFiles({ blobs, pictures, config }: Services): Files {
  const send = async (sha256: string, path: string, type: string): Promise<BytesAnswer> => ({
    type,
    content: createReadStream(path),
    length: (await stat(path)).size,
    etag: sha256,
  })
  return {
    picture: async (sha256) => {
      const path = await blobs.path(sha256)
      return send(sha256, path, await mediaTypeOf(path))
    },
    file: async (sha256, type, saveAs) => {
      const answer = await send(sha256, await blobs.path(sha256), type)
      return saveAs === undefined ? answer : { ...answer, saveAs }
    },
    thumbnail: async (sha256) => {
      const place = join(config.cache, 'thumbnail', sha256.slice(0, 2), `${sha256}-${thumbnailSide}.webp`)
      const made = await readFile(place).catch(() => null)
      const content = made ?? (await pictures.view(await blobs.path(sha256), thumbnailSide))
      if (made === null) await writeWhole(place, content)
      return { type: 'image/webp', content, etag: `${sha256}-${thumbnailSide}` }
    },
    view: async (sha256) => ({
      type: 'image/webp',
      content: await pictures.view(await blobs.path(sha256), viewSide),
      etag: `${sha256}-${viewSide}`,
    }),
  }
}

/** Two requests may write the same at once; whoever reads finds a whole file. */
async function writeWhole(place: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(place), { recursive: true })
  const aside = `${place}.${randomUUID()}`
  await writeFile(aside, content)
  await rename(aside, place)
}
