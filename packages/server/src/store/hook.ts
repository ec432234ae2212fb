/** Which inspections are told to which target. */
import type { hookSchema } from '@assay/contract/api'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { Db, HookTable } from '../database/index.ts'
import { found, toTime } from './row.ts'

type ApiHook = z.output<typeof hookSchema>

export interface HookStore {
  list(): Promise<ApiHook[]>
  /** Gives the one with that id if there is one. */
  create(hook: Pick<ApiHook, 'id' | 'product' | 'target' | 'on'>): Promise<ApiHook>
  /** Messages that wait go with it. Throws NOT_FOUND. */
  remove(id: string): Promise<void>
}

export function createHookStore(db: Db): HookStore {
  const select = () =>
    db
      .selectFrom('hook')
      .selectAll()
      .select((e) =>
        e
          .selectFrom('outbox')
          .whereRef('outbox.hook', '=', 'hook.id')
          .select((o) => o.fn.countAll<number>().as('n'))
          .as('waiting'),
      )
  return {
    list: async () => (await select().orderBy('id').execute()).map(toHook),
    create: async (hook) => {
      await db
        .insertInto('hook')
        .values(hook)
        .onConflict((c) => c.column('id').doNothing())
        .execute()
      return toHook(found(await select().where('id', '=', hook.id).executeTakeFirst(), 'hook', hook.id))
    },
    remove: async (id) => {
      const row = await db.deleteFrom('hook').where('id', '=', id).returning('id').executeTakeFirst()
      found(row, 'hook', id)
    },
  }
}

function toHook(row: Selectable<HookTable> & { readonly waiting: number | null }): ApiHook {
  const { last_error: lastError, created_at, waiting, ...rest } = row
  return { ...rest, waiting: waiting ?? 0, lastError, createdAt: toTime(created_at) }
}
