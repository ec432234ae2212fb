/** Files of watched folders that are done with, so that a restart does not inspect them again. */
import type { Db } from '../database/index.ts'
import { transact } from './row.ts'

export interface WatchedFileStore {
  /** Path and stamp of each. */
  list(watch: string): Promise<ReadonlyMap<string, string>>
  /** It was inspected, or cannot be: then `error` says why. Of no effect when the watch is gone. */
  add(
    watch: string,
    file: { readonly path: string; readonly stamp: string; readonly inspection: string | null },
    error: string | null,
  ): Promise<void>
  /** What keeps the watch from going on; null when nothing does. */
  setError(watch: string, error: string | null): Promise<void>
}

export function createWatchedFileStore(db: Db): WatchedFileStore {
  const setError = async (on: Db, watch: string, error: string | null): Promise<void> => {
    await on
      .updateTable('watch')
      .set({ last_error: error })
      .where('id', '=', watch)
      .where('last_error', 'is distinct from', error)
      .execute()
  }
  return {
    list: async (watch) => {
      const rows = await db
        .selectFrom('watched_file')
        .select(['path', 'stamp'])
        .where('watch', '=', watch)
        .execute()
      return new Map(rows.map(({ path, stamp }) => [path, stamp]))
    },
    add: (watch, { path, stamp, inspection }, error) =>
      transact(db, async (trx) => {
        const row = await trx
          .updateTable('watch')
          .set((e) => ({ seen: e('seen', '+', 1), last_error: error }))
          .where('id', '=', watch)
          .returning('id')
          .executeTakeFirst()
        if (row === undefined) return
        await trx
          .insertInto('watched_file')
          .values({ watch, path, stamp, inspection })
          .onConflict((c) => c.columns(['watch', 'path']).doUpdateSet({ stamp, inspection }))
          .execute()
      }),
    setError: (watch, error) => setError(db, watch, error),
  }
}
