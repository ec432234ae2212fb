/**
 * Inspects what appears in one folder, each file once. It looks every second, because notices of the system do not
 * come from network drives. Whether a file was done is known by path, size and time of its last change.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlobStore } from '../blob/index.ts'
import type { Log } from '../log.ts'
import type { Judge } from '../services.ts'
import type { Stores } from '../store/index.ts'
import { confineFolder } from './confine.ts'
import { createSettling, scanFolder, type SeenFile } from './scan.ts'

export interface WatcherOptions {
  readonly watch: { readonly id: string; readonly product: string; readonly folder: string }
  readonly stores: Stores
  readonly blobs: BlobStore
  readonly judge: Pick<Judge, 'inspect'>
  readonly log: Log
  readonly roots: readonly string[]
  readonly maxBytes: number
  readonly lookMs: number
  readonly settleMs: number
}

export interface Watcher {
  close(): Promise<void>
}

export function startWatcher(options: WatcherOptions): Watcher {
  const stop = new AbortController()
  const done = run(options, stop.signal)
  return {
    close: async () => {
      stop.abort()
      await done
    },
  }
}

async function run(options: WatcherOptions, signal: AbortSignal): Promise<void> {
  const { watch, stores, log, roots, lookMs, settleMs } = options
  const settling = createSettling(settleMs)
  let done: Map<string, string> | null = null
  while (!signal.aborted) {
    try {
      done ??= new Map(await stores.watchedFile.list(watch.id))
      // A folder that became a link to elsewhere is not followed.
      const seen = await scanFolder(await confineFolder(watch.folder, roots))
      const fresh = seen.filter(({ path, stamp }) => done?.get(path) !== stamp)
      for (const file of settling.settled(fresh, Date.now())) {
        if (signal.aborted) return
        await inspect(file, options)
        done.set(file.path, file.stamp)
      }
      if (fresh.length === 0) await stores.watchedFile.setError(watch.id, null)
    } catch (error) {
      // The file is tried again with the next look; those behind it wait, so that their order is kept.
      log.warning('a watched folder cannot go on', { watch: watch.id, error })
      await stores.watchedFile.setError(watch.id, reasonOf(error)).catch(() => {})
    }
    await sleep(lookMs, undefined, { signal }).catch(() => {})
  }
}

async function inspect(file: SeenFile, options: WatcherOptions): Promise<void> {
  const { watch, stores, judge } = options
  const { path, stamp } = file
  try {
    const sha256 = await take(file, options)
    const id = toId(watch.id, file)
    const inspection = await judge.inspect({ product: watch.product, name: path, sha256, id })
    await stores.watchedFile.add(watch.id, { path, stamp, inspection: inspection.id }, null)
  } catch (error) {
    if (!isFaultOfFile(error)) throw error
    await stores.watchedFile.add(watch.id, { path, stamp, inspection: null }, error.message)
  }
}

/** Puts the file into the store; never one that a link leads to. */
async function take({ place, path }: SeenFile, { blobs, maxBytes }: WatcherOptions): Promise<string> {
  await using handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
  const { sha256 } = await blobs.put(handle.createReadStream({ autoClose: false }), {
    limit: maxBytes,
    name: path,
  })
  return sha256
}

/** Such a file would fail every time; anything else may pass. */
function isFaultOfFile(error: unknown): error is AssayError {
  return error instanceof AssayError && (error.code.startsWith('IMAGE_') || error.code === 'UPLOAD_TOO_LARGE')
}

/**
 * The same file has the same inspection, also when the process dies after that was kept and before the file was
 * noted. A UUID of version 7 at the time of the file, with the hash in place of random bits.
 */
function toId(watch: string, { path, stamp, modifiedMs }: SeenFile): string {
  const bytes = createHash('sha256').update(`${watch} ${stamp} ${path}`).digest().subarray(0, 16)
  bytes.writeUIntBE(Math.max(0, Math.floor(modifiedMs)), 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
