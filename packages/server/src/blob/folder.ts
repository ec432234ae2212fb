/** The blob store in a folder: `ab/cdef...` under the hash, moved there whole. */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AssayError } from '@assay/contract'
import type { BlobStore } from './blob.ts'
import { stageFile } from './stage.ts'

export interface FolderBlobOptions {
  /** Holds the blobs. */
  readonly folder: string
  /** Holds what is staged; on the same file system. */
  readonly scratch: string
}

export function openFolderBlobs({ folder, scratch }: FolderBlobOptions): BlobStore {
  const place = (sha256: string): string => {
    // Names come from the database and from requests that were checked; a path is made of them all the same.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`internal: "${sha256}" is not a hash`)
    return join(folder, sha256.slice(0, 2), sha256.slice(2))
  }
  const sizeOf = async (sha256: string): Promise<number> => {
    const found = await stat(place(sha256)).catch(() => null)
    if (found === null) throw new AssayError('NOT_FOUND', { what: 'file', id: sha256 })
    return found.size
  }
  const stage: BlobStore['stage'] = async (source, options) => {
    const { path, sha256, bytes } = await stageFile(scratch, source, options)
    return {
      path,
      sha256,
      bytes,
      keep: async () => {
        const to = place(sha256)
        const wasThere = await isFile(to)
        const inode = await moveInto(path, to)
        const undo = async (): Promise<void> => {
          // Keeping puts another file in its place, so one that is still the same is only ours.
          const now = await stat(to, { bigint: true }).catch(() => null)
          if (!wasThere && now?.ino === inode) await rm(to, { force: true })
        }
        return { sha256, bytes, undo }
      },
      [Symbol.asyncDispose]: () => rm(path, { force: true }),
    }
  }
  const put: BlobStore['put'] = async (source, options) => {
    await using staged = await stage(source, options)
    const { sha256, bytes } = await staged.keep()
    return { sha256, bytes }
  }
  return {
    stage,
    put,
    putFile: (path) => put(createReadStream(path)),
    open: async (sha256) => ({ bytes: await sizeOf(sha256), stream: createReadStream(place(sha256)) }),
    read: async (sha256) => {
      await sizeOf(sha256)
      return readFile(place(sha256))
    },
    path: async (sha256) => {
      await sizeOf(sha256)
      return place(sha256)
    },
    has: (sha256) =>
      sizeOf(sha256).then(
        () => true,
        () => false,
      ),
    remove: (sha256) => rm(place(sha256), { force: true }),
    list: () => listFolder(folder),
  }
}

/** After this the file is under its name even if the power fails. One that is there already is as good. */
async function moveInto(from: string, to: string): Promise<bigint> {
  const { ino } = await stat(from, { bigint: true })
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  await rename(from, to)
  // Its age says how long it may go without a row that names it; see sweep.ts.
  const now = new Date()
  await utimes(to, now, now)
  await syncFolder(dirname(to))
  await syncFolder(dirname(dirname(to)))
  return ino
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and writes their entries through by itself.
  if (process.platform === 'win32') return
  await using handle = await open(path, 'r')
  await handle.sync()
}

async function* listFolder(folder: string): AsyncGenerator<{ sha256: string; at: Date }, void> {
  const shelves = await readdir(folder).catch(() => [])
  for (const shelf of shelves.filter((name) => /^[0-9a-f]{2}$/.test(name)))
    for (const name of await readdir(join(folder, shelf))) {
      const found = await stat(join(folder, shelf, name)).catch(() => null)
      if (found !== null && /^[0-9a-f]{62}$/.test(name)) yield { sha256: shelf + name, at: found.mtime }
    }
}
