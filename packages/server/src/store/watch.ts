/** Watched folders, as they were asked for. */
import type { watchSchema } from '@assay/contract/api'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { Db, WatchTable } from '../database/index.ts'
import { found, toTime } from './row.ts'

/** Whether it runs is known by the line, not by the row. */
type WatchRow = Omit<z.output<typeof watchSchema>, 'isRunning'>

export interface WatchStore {
  list(): Promise<WatchRow[]>
  /** Gives the one with that id if there is one. */
  create(watch: { id: string; product: string; folder: string }): Promise<WatchRow>
  /** Throws NOT_FOUND. */
  remove(id: string): Promise<void>
}

export function createWatchStore(db: Db): WatchStore {
  return {
    list: async () => (await db.selectFrom('watch').selectAll().orderBy('id').execute()).map(toWatch),
    create: async (watch) => {
      await db
        .insertInto('watch')
        .values(watch)
        .onConflict((c) => c.column('id').doNothing())
        .execute()
      const row = await db.selectFrom('watch').selectAll().where('id', '=', watch.id).executeTakeFirst()
      return toWatch(found(row, 'watch', watch.id))
    },
    remove: async (id) => {
      const row = await db.deleteFrom('watch').where('id', '=', id).returning('id').executeTakeFirst()
      found(row, 'watch', id)
    },
  }
}

function toWatch({ last_error, created_at, ...row }: Selectable<WatchTable>): WatchRow {
  return { ...row, lastError: last_error, createdAt: toTime(created_at) }
}
