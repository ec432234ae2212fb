/** Puts a backup into a new folder or an empty database: all of it, or nothing. */
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { AssayError, reasonOf } from '@assay/contract'
import type { BlobStore } from '../blob/index.ts'
import {
  migrate,
  migrationNames,
  openDatabase,
  type Database,
  type DatabasePlace,
} from '../database/index.ts'
import { archivedTables, createArchiveStore, type ArchivedTable } from '../store/archive.ts'
import { kindOf, manifestName, manifestSchema, type Manifest } from './form.ts'
import { readTar, type TarEntry } from './tar.ts'

export interface RestoreOptions {
  readonly file: string
  readonly place: DatabasePlace
  readonly blobs: BlobStore
  readonly scratch: string
}

export interface Restored {
  /** When the backup was made. */
  readonly at: string
  readonly rows: number
  readonly files: number
}

/** Throws BACKUP_UNREADABLE, RESTORE_NOT_EMPTY, and what opening the database throws. */
export async function restoreBackup({ file, place, blobs, scratch }: RestoreOptions): Promise<Restored> {
  const folder = join(scratch, `restore-${randomUUID()}`)
  await mkdir(folder, { recursive: true })
  const refuse = (reason: string, cause?: unknown): AssayError =>
    new AssayError('BACKUP_UNREADABLE', { path: file, reason }, { cause })
  const kept: (() => Promise<void>)[] = []
  try {
    const { manifest, files } = await unpack(file, folder, blobs, kept, refuse)
    if (!migrationNames.includes(manifest.migration)) throw refuse('a newer Assay wrote it')
    await using database = await openDatabase(place, { migration: manifest.migration })
    if (!(await createArchiveStore(database.db).isEmpty()))
      throw new AssayError('RESTORE_NOT_EMPTY', { place: 'folder' in place ? place.folder : 'DATABASE_URL' })
    const rows = await fill(database, folder)
    await migrate(database.db)
    return { at: manifest.at, rows, files }
  } catch (error) {
    for (const undo of kept) await undo()
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Refuse = (reason: string, cause?: unknown) => AssayError

/** Files into the store, tables aside. */
async function unpack(
  file: string,
  folder: string,
  blobs: BlobStore,
  kept: (() => Promise<void>)[],
  refuse: Refuse,
): Promise<{ readonly manifest: Manifest; readonly files: number }> {
  const entries = readTar(createReadStream(file))
  let manifest: Manifest | null = null
  try {
    for await (const entry of entries) {
      if (manifest === null) {
        manifest = await readManifest(entry)
        continue
      }
      const what = kindOf(entry.name)
      if (what === null) throw refuse(`it holds "${entry.name}", which no backup does`)
      if (what.kind === 'table') await pipeline(entry.content, createWriteStream(join(folder, what.table)))
      else {
        await using staged = await blobs.stage(entry.content)
        if (staged.sha256 !== what.sha256) throw refuse(`the file ${what.sha256} in it is damaged`)
        kept.push((await staged.keep()).undo)
      }
    }
  } catch (error) {
    throw error instanceof AssayError ? error : refuse(reasonOf(error), error)
  }
  if (manifest === null) throw refuse('it is empty')
  return { manifest, files: kept.length }
}

async function readManifest({ name, bytes, content }: TarEntry): Promise<Manifest> {
  if (name !== manifestName || bytes > 10_000) throw new Error('it is no backup of a studio')
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  const found = manifestSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  if (!found.success) throw new Error('it is no backup of a studio, or a newer one wrote it')
  return found.data
}

async function fill({ db }: Database, folder: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const archive = createArchiveStore(trx)
    await archive.deferChecks()
    let rows = 0
    for (const table of archivedTables) rows += await fillTable(archive, table, join(folder, table))
    await archive.cancelOpenJobs()
    return rows
  })
}

const batch = 200

async function fillTable(
  archive: ReturnType<typeof createArchiveStore>,
  table: ArchivedTable,
  path: string,
): Promise<number> {
  let rows = 0
  let waiting: string[] = []
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) await archive.insert(table, waiting)
    rows += waiting.length
    waiting = []
  }
  for await (const line of createInterface({ input: createReadStream(path) })) {
    waiting.push(line)
    if (waiting.length >= batch) await flush()
  }
  await flush()
  return rows
}
