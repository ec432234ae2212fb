/**
 * Where downloaded weights are kept: one folder per id, with the file and a record of what it is.
 *
 * Each file that comes in has a name of its own, and the record, written last and renamed into place, says which
 * one counts. So a reader never meets half a file, and processes that bring weights at once do not hurt each other.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { publishedWeights, type PublishedWeights } from '../catalogue.ts'

/** Where to look and what for; by default the cache of this user and Assay's own catalogue. */
export interface CacheOptions {
  /** The cache folder. */
  readonly cache?: string
  readonly catalogue?: readonly PublishedWeights[]
}

export interface Place {
  readonly cache: string
  readonly catalogue: readonly PublishedWeights[]
}

export function placeOf({ cache, catalogue = publishedWeights }: CacheOptions): Place {
  return { cache: path.resolve(cache ?? cacheFolder()), catalogue }
}

interface Machine {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly platform?: string
  readonly home?: string
}

/**
 * The cache folder: `ASSAY_CACHE`, else `XDG_CACHE_HOME/assay`, else where the platform keeps caches
 * (`~/.cache/assay`, `~/Library/Caches/assay`, `%LOCALAPPDATA%\assay\cache`).
 */
export function cacheFolder({
  env = process.env,
  platform = process.platform,
  home = os.homedir(),
}: Machine = {}): string {
  const own = env['ASSAY_CACHE']
  if (own !== undefined && own !== '') return own
  const xdg = env['XDG_CACHE_HOME']
  // The XDG specification has relative paths ignored.
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, 'assay')
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'assay')
  if (platform === 'win32')
    return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'assay', 'cache')
  return path.join(home, '.cache', 'assay')
}

/** The folder of one entry. Ids come from a catalogue, which may be a stranger's. */
export function folderOf(cache: string, id: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) throw new Error(`internal: "${id}" cannot name weights`)
  return path.join(cache, 'weights', id)
}

/** Runs something that writes below the cache; what the file system refuses is CACHE_NOT_WRITABLE. */
export async function writing<T>(cache: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new AssayError('CACHE_NOT_WRITABLE', { path: cache, reason: reasonOf(error) }, { cause: error })
    throw error
  }
}

/** A name beside others that nobody else has. */
export function temporaryName(prefix: string): string {
  return `${prefix}-${process.pid}-${randomUUID()}`
}

/** What nobody has touched for so long belongs to nobody any more. */
const forgottenMs = 24 * 3600 * 1000

/** Names that files have here: copies on their way in, drafts of records, and files that records name. */
const ours = /^(added-|record\.json-|[0-9a-f]{8}-)/

/** Removes old files but `kept` from a folder of the cache: what killed processes left there. */
export async function sweep(folder: string, kept: readonly string[]): Promise<void> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    // Unfinished downloads are folders, and are taken up by the next one.
    if (!entry.isFile() || !ours.test(entry.name) || kept.includes(entry.name)) continue
    const stat = await fs.stat(file).catch(() => null)
    if (stat !== null && Date.now() - stat.mtimeMs > forgottenMs) await fs.rm(file, { force: true })
  }
}

/** Puts the bytes of a file on the disk itself, so that a record never names what a power cut took away. */
export async function flush(file: string): Promise<void> {
  const handle = await fs.open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
