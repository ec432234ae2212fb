/** What is known of cached weights: read from, and written to, the `record.json` beside the file. */
import { reasonOf } from '@assay/contract'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'

import { findPublished, missingWeights, type PublishedWeights } from '../catalogue.ts'
import { unreadable } from '../fault.ts'
import { flush, folderOf, placeOf, sweep, temporaryName, writing, type CacheOptions } from './folder.ts'

/** Cached weights, and what a model card says of them. */
export interface WeightsRecord {
  readonly id: string
  /** The address it was fetched from, or the name of the file that was added. */
  readonly source: string
  /** Of the cached file, as computed when it came in. */
  readonly sha256: string
  readonly bytes: number
  readonly licence: string
  /** The origin of the catalogue; where this is not the published file, it says so and names the file added. */
  readonly origin: string
  /** Where the cached file is. */
  readonly path: string
  /** Whether this is the published file, byte by byte. */
  readonly isPublished: boolean
}

/** What the record on disk holds; `file` is a name in the same folder. */
interface StoredRecord {
  readonly id: string
  readonly source: string
  readonly sha256: string
  readonly bytes: number
  readonly licence: string
  readonly origin: string
  readonly file: string
}

const recordName = 'record.json'

/** The record of `id`, or null when nothing is cached. An unknown id is WEIGHTS_UNKNOWN. */
export async function readRecord(id: string, options: CacheOptions = {}): Promise<WeightsRecord | null> {
  const { cache, catalogue } = placeOf(options)
  const entry = findPublished(id, catalogue)
  const folder = folderOf(cache, id)
  const recordPath = path.join(folder, recordName)
  const text = await fs.readFile(recordPath, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null
    throw unreadable(recordPath, reasonOf(error), error)
  })
  if (text === null) return null
  const { file, ...stored } = parseRecord(text, recordPath)
  const filePath = path.join(folder, file)
  const isThere = await fs.stat(filePath).then(
    (stat) => stat.isFile(),
    () => false,
  )
  return isThere ? { ...stored, path: filePath, isPublished: stored.sha256 === entry.sha256 } : null
}

/** The record of `id`; WEIGHTS_MISSING says how to get the weights, with internet and without. */
export async function findWeights(id: string, options: CacheOptions = {}): Promise<WeightsRecord> {
  const record = await readRecord(id, options)
  if (record !== null) return record
  throw missingWeights(id, placeOf(options).catalogue)
}

export interface Arrival {
  readonly entry: PublishedWeights
  /** The finished file, somewhere in the same cache; it is moved. */
  readonly file: string
  /** What the file is called from now on, behind a few letters. */
  readonly fileName: string
  readonly sha256: string
  readonly bytes: number
  readonly source: string
}

/** Moves a finished file into its place and makes it the one that counts. The file before it is removed. */
export async function installWeights(cache: string, arrival: Arrival): Promise<WeightsRecord> {
  const { entry, sha256, bytes, source } = arrival
  const { id, licence } = entry
  const folder = folderOf(cache, id)
  const isPublished = sha256 === entry.sha256
  const origin = isPublished
    ? `${entry.origin}; ${entry.url}`
    : `${entry.origin}; not the published file, but added from "${source}"`
  // A name that no record has had: whoever removes a file that an earlier record names cannot mean this one.
  const file = `${randomUUID().slice(0, 8)}-${arrival.fileName}`
  const stored: StoredRecord = { id, source, sha256, bytes, licence, origin, file }
  const before = await readRecord(id, { cache, catalogue: [entry] }).catch(() => null)
  const filePath = path.join(folder, file)
  await writing(cache, async () => {
    await flush(arrival.file)
    await fs.rename(arrival.file, filePath)
    const temporary = path.join(folder, temporaryName(recordName))
    await fs.writeFile(temporary, `${JSON.stringify(stored, null, 2)}\n`)
    await flush(temporary)
    await fs.rename(temporary, path.join(folder, recordName))
    await sweep(folder, [recordName, file])
  })
  // Where somebody has it open, Windows keeps it; the next arrival does not find it in the way.
  if (before !== null) await fs.rm(before.path, { force: true }).catch(() => null)
  return { id, source, sha256, bytes, licence, origin, path: filePath, isPublished }
}

function parseRecord(text: string, recordPath: string): StoredRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unreadable(recordPath, `the record is not JSON (${reasonOf(error)})`, error)
  }
  const texts = ['id', 'source', 'sha256', 'licence', 'origin', 'file'] as const
  const record = value as Readonly<Record<string, unknown>> | null
  if (typeof record !== 'object' || record === null || !texts.every((key) => typeof record[key] === 'string'))
    throw unreadable(recordPath, 'the record lacks some of its parts')
  // Checked above, but for the number.
  const stored = value as StoredRecord
  if (!Number.isSafeInteger(stored.bytes) || path.basename(stored.file) !== stored.file)
    throw unreadable(recordPath, 'the record has parts that cannot be')
  return stored
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
