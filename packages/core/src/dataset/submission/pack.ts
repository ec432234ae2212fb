/**
 * Packs a submission for upload: a gzipped tar with one folder of the submission's name, files only.
 *
 * Files are streamed one after the other in the order of their paths, so memory does not grow with them and
 * equal submissions give equal archives. What is packed is what is there: check it before.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { AssayError, reasonOf } from '@assay/contract'
import { writeTar, type TarEntry } from './tar.ts'

export interface PackSubmissionOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

export interface PackedSubmission {
  readonly files: number
  /** Of the archive. */
  readonly bytes: number
}

/**
 * Writes the archive whole or not at all. Throws `DATA_NOT_FOUND` without the folder, `OUTPUT_EXISTS` where
 * something is in the place of the archive, `OUTPUT_NOT_WRITABLE` for any other fault on the way.
 */
export async function packSubmission(
  folder: string,
  archive: string,
  options: PackSubmissionOptions = {},
): Promise<PackedSubmission> {
  const { onProgress = () => {}, signal } = options
  const paths = await findFiles(folder)
  if (await exists(archive)) throw new AssayError('OUTPUT_EXISTS', { path: archive })
  const name = basename(resolve(folder))
  const temporary = `${archive}.${randomBytes(6).toString('hex')}.part`
  async function* entries(): AsyncGenerator<TarEntry> {
    for (const [i, path] of paths.entries()) {
      const { size } = await stat(join(folder, path))
      yield { name: `${name}/${path}`, size, content: createReadStream(join(folder, path)) }
      onProgress({ done: i + 1, total: paths.length })
    }
  }
  try {
    const bytes = Readable.from(writeTar(entries()), { objectMode: false })
    await pipeline(bytes, createGzip(), createWriteStream(temporary, { flags: 'wx' }), { signal })
    await rename(temporary, archive)
    return { files: paths.length, bytes: (await stat(archive)).size }
  } catch (error) {
    signal?.throwIfAborted()
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: archive, reason: reasonOf(error) }, { cause: error })
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Every file below `folder`, with forward slashes, sorted. Links count as what they lead to. */
async function findFiles(folder: string): Promise<string[]> {
  const found: string[] = []
  const walk = async (below: string): Promise<void> => {
    for (const name of await readdir(join(folder, below))) {
      const path = `${below}${name}`
      if ((await stat(join(folder, path))).isDirectory()) await walk(`${path}/`)
      else found.push(path)
    }
  }
  await walk('').catch((error: unknown) => {
    throw new AssayError('DATA_NOT_FOUND', { path: folder }, { cause: error })
  })
  return found.sort()
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
