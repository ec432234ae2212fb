/** Messages that have not been delivered yet. */
import type { ApiInspection } from '@assay/contract/api'
import { sql } from 'kysely'
import type { Db } from '../database/index.ts'
import { createInspectionStore } from './inspection.ts'
import { transact } from './row.ts'

export interface Message {
  readonly id: string
  readonly hook: string
  readonly target: string
  /** How often it was tried before. */
  readonly attempts: number
  readonly product: { readonly id: string; readonly name: string }
  readonly inspection: ApiInspection
}

export interface OutboxStore {
  /** Messages that are due, oldest first. For `holdMs` nobody else gets them. */
  take(most: number, holdMs: number): Promise<readonly Message[]>
  /** It has arrived. */
  settle(id: string, hook: string): Promise<void>
  /** It is tried again after `waitMs`. */
  postpone(id: string, hook: string, waitMs: number, reason: string): Promise<void>
}

export function createOutboxStore(db: Db): OutboxStore {
  return {
    take: async (most, holdMs) => {
      const rows = await db
        .updateTable('outbox')
        .set((e) => ({ attempts: e('attempts', '+', 1), next_at: inFuture(holdMs) }))
        .where('id', 'in', (e) =>
          e
            .selectFrom('outbox')
            .select('id')
            .where('next_at', '<=', sql<Date>`now()`)
            .orderBy('id')
            .limit(most)
            .forUpdate()
            .skipLocked(),
        )
        .returning(['id', 'hook', 'inspection', 'attempts'])
        .execute()
      const inspections = createInspectionStore(db)
      const messages: Message[] = []
      for (const { id, hook, inspection, attempts } of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
        const about = await db
          .selectFrom('hook')
          .innerJoin('product', 'product.id', 'hook.product')
          .select(['hook.target', 'product.id', 'product.name'])
          .where('hook.id', '=', hook)
          .executeTakeFirst()
        // The hook was deleted a moment ago, and the message with it.
        if (about === undefined) continue
        const { target, ...product } = about
        const read = await inspections.read(inspection)
        messages.push({ id, hook, target, attempts: attempts - 1, product, inspection: read })
      }
      return messages
    },
    settle: (id, hook) =>
      transact(db, async (trx) => {
        await trx.deleteFrom('outbox').where('id', '=', id).execute()
        await trx
          .updateTable('hook')
          .set((e) => ({ sent: e('sent', '+', 1), last_error: null }))
          .where('id', '=', hook)
          .execute()
      }),
    postpone: (id, hook, waitMs, reason) =>
      transact(db, async (trx) => {
        await trx
          .updateTable('outbox')
          .set({ next_at: inFuture(waitMs) })
          .where('id', '=', id)
          .execute()
        await trx.updateTable('hook').set({ last_error: reason }).where('id', '=', hook).execute()
      }),
  }
}

function inFuture(ms: number) {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`
}
