/** Whole tables out and in, for backups: rows as JSON, in the order in which they can be put back. */
import { sql, type RawBuilder } from 'kysely'
import type { Db, Tables } from '../database/index.ts'

/** Sessions and answers to repeated requests are not kept: who signs in again has them anew. */
export const archivedTables = [
  'product',
  'job',
  'model',
  'image',
  'job_line',
  'dataset',
  'evaluation',
  'inspection',
  'decision',
  'token',
  'audit',
  'watch',
  'watched_file',
  'hook',
  'outbox',
] as const satisfies readonly (keyof Tables)[]

export type ArchivedTable = (typeof archivedTables)[number]

export interface ArchiveStore {
  /** All rows of a table as JSON texts, some at a time. Only in a transaction. */
  rows(table: ArchivedTable): AsyncGenerator<readonly string[], void>
  /** The hashes of all files that rows name. Only in a transaction. */
  hashes(): AsyncGenerator<readonly string[], void>
  /** Puts rows back, as `rows` gave them. */
  insert(table: ArchivedTable, rows: readonly string[]): Promise<void>
  /** From here on references are checked at the end of the transaction. */
  deferChecks(): Promise<void>
  /** Nobody works on jobs that were queued or ran when the backup was made; they can be begun again. */
  cancelOpenJobs(): Promise<void>
  isEmpty(): Promise<boolean>
}

const batch = 500

export function createArchiveStore(db: Db): ArchiveStore {
  async function* fetch(query: RawBuilder<unknown>): AsyncGenerator<readonly string[], void> {
    await sql`declare archive no scroll cursor for ${query}`.execute(db)
    for (;;) {
      const { rows } = await sql<{ text: string }>`fetch ${sql.lit(batch)} from archive`.execute(db)
      if (rows.length === 0) break
      yield rows.map(({ text }) => text)
    }
    await sql`close archive`.execute(db)
  }
  return {
    rows: (table) => fetch(sql`select to_jsonb(t)::text as text from ${sql.table(table)} t`),
    hashes: () =>
      fetch(sql`
        select sha256 as text from image
        union select mask_sha256 from image where mask_sha256 is not null
        union select sha256 from model
        union select sha256 from inspection
        union select map_sha256 from inspection where map_sha256 is not null
        union select mask_sha256 from inspection where mask_sha256 is not null
      `),
    insert: async (table, rows) => {
      const json = `[${rows.join(',')}]`
      const target = sql.table(table)
      await sql`
        insert into ${target} select * from jsonb_populate_recordset(null::${target}, ${json}::jsonb)
      `.execute(db)
    },
    deferChecks: async () => {
      await sql`set constraints all deferred`.execute(db)
    },
    cancelOpenJobs: async () => {
      await db
        .updateTable('job')
        .set({ status: 'cancelled', ended_at: sql<Date>`now()`, worker: null, leased_until: null })
        .where('status', 'in', ['queued', 'running'])
        .execute()
    },
    isEmpty: async () => {
      const product = await db.selectFrom('product').select('id').limit(1).executeTakeFirst()
      const audit = await db.selectFrom('audit').select('id').limit(1).executeTakeFirst()
      return product === undefined && audit === undefined
    },
  }
}
