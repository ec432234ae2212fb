/** Writes what arrives into a file aside, hashed and counted on the way, and forces it to the disk. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Blob, BlobSource, StageOptions } from './blob.ts'

export interface StagedFile extends Blob {
  readonly path: string
}

/** Throws UPLOAD_TOO_LARGE and whatever the source throws; nothing is left then. */
export async function stageFile(
  folder: string,
  source: BlobSource,
  { limit = Infinity, name = 'The file' }: StageOptions = {},
): Promise<StagedFile> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const hash = createHash('sha256')
  let bytes = 0
  try {
    await using file = await open(path, 'wx', 0o600)
    for await (const chunk of source instanceof Uint8Array ? [source] : source) {
      bytes += chunk.length
      if (bytes > limit) throw new AssayError('UPLOAD_TOO_LARGE', { name, limit: `${limit} bytes` })
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, bytes, sha256: hash.digest('hex') }
}
