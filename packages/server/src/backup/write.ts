/**
 * Everything in one archive, while the studio runs.
 *
 * The rows are those of one moment. They are written aside first, so that the moment is short; the files that they
 * name cannot change, and none goes that was named a day ago.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { BlobStore } from '../blob/index.ts'
import { newestMigration, type Database } from '../database/index.ts'
import { archivedTables, createArchiveStore } from '../store/archive.ts'
import { blobEntry, manifestName, tableEntry, type Manifest } from './form.ts'
import { writeTar, type TarEntry } from './tar.ts'

export interface BackupOptions {
  readonly database: Database
  readonly blobs: BlobStore
  /** Holds the rows meanwhile: about as much as the database. */
  readonly scratch: string
}

/** The bytes of the archive. Files that are gone all the same are left out. */
export async function* writeBackup({
  database,
  blobs,
  scratch,
}: BackupOptions): AsyncGenerator<Uint8Array, void> {
  const folder = join(scratch, `backup-${randomUUID()}`)
  await mkdir(folder, { recursive: true })
  try {
    const at = new Date()
    await dump(database, folder)
    yield* writeTar(entriesOf(folder, blobs, at), at)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const hashList = 'hashes'

async function dump({ db }: Database, folder: string): Promise<void> {
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const archive = createArchiveStore(trx)
      for (const table of archivedTables) await writeLines(join(folder, table), archive.rows(table))
      await writeLines(join(folder, hashList), archive.hashes())
    })
}

async function writeLines(path: string, batches: AsyncIterable<readonly string[]>): Promise<void> {
  const text = async function* (): AsyncGenerator<string, void> {
    for await (const lines of batches) yield lines.map((line) => `${line}\n`).join('')
  }
  await pipeline(Readable.from(text()), createWriteStream(path, { mode: 0o600 }))
}

async function* entriesOf(folder: string, blobs: BlobStore, at: Date): AsyncGenerator<TarEntry, void> {
  const manifest: Manifest = {
    format: 'assay-studio-backup',
    version: 1,
    migration: newestMigration,
    at: at.toISOString(),
  }
  const text = Buffer.from(JSON.stringify(manifest))
  yield { name: manifestName, bytes: text.length, content: Readable.from([text]) }
  for (const table of archivedTables) {
    const path = join(folder, table)
    yield { name: tableEntry(table), bytes: (await stat(path)).size, content: createReadStream(path) }
  }
  for await (const sha256 of createInterface({ input: createReadStream(join(folder, hashList)) })) {
    if (!(await blobs.has(sha256))) continue
    const { stream, bytes } = await blobs.open(sha256)
    yield { name: blobEntry(sha256), bytes, content: stream }
  }
}
