/**
 * Keeps what a model said of a picture, and in the same transaction the messages that are to go out about it: what
 * is kept is told, and what is told is kept.
 */
import type { Inspection, Verdict } from '@assay/contract'
import { sql } from 'kysely'
import { uuidv7 } from 'uuidv7'
import { notify, type Db, type HookTable } from '../database/index.ts'
import { transact } from './row.ts'

export interface NewInspection {
  readonly id: string
  readonly product: string
  readonly model: string
  readonly job: string | null
  readonly image: string | null
  readonly name: string
  readonly sha256: string
  readonly record: Inspection
  readonly map: string | null
  readonly mask: string | null
  readonly milliseconds: number
}

interface ShadowVerdict {
  readonly model: string
  readonly score: number
  readonly verdict: Verdict
}

export interface RecordStore {
  /** Of no effect for an id that is there already; false then. */
  add(inspection: NewInspection): Promise<boolean>
  /** What the shadow model said, later. */
  addShadow(id: string, shadow: ShadowVerdict): Promise<void>
}

export function createRecordStore(db: Db): RecordStore {
  return {
    add: (inspection) =>
      transact(db, async (trx) => {
        const { map, mask, record, ...rest } = inspection
        const row = await trx
          .insertInto('inspection')
          .values({
            ...rest,
            record: JSON.stringify(record),
            verdict: record.verdict,
            calibrated: record.calibrated,
            map_sha256: map,
            mask_sha256: mask,
          })
          .onConflict((c) => c.column('id').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (row === undefined) return false
        await fillOutbox(trx, inspection)
        return true
      }),
    addShadow: async (id, { model, score, verdict }) => {
      await db
        .updateTable('inspection')
        .set({
          shadow_model: model,
          shadow_score: score,
          shadow_verdict: verdict,
          disagrees: sql<boolean>`verdict is distinct from ${verdict}`,
        })
        .where('id', '=', id)
        .execute()
    },
  }
}

async function fillOutbox(trx: Db, { id, product, record }: NewInspection): Promise<void> {
  const hooks = await trx.selectFrom('hook').select(['id', 'on']).where('product', '=', product).execute()
  const rows = hooks
    .filter(({ on }) => concerns(on, record.verdict))
    .map((hook) => ({ id: uuidv7(), hook: hook.id, inspection: id }))
  if (rows.length === 0) return
  await trx.insertInto('outbox').values(rows).execute()
  await notify(trx, { topic: 'outbox' })
}

function concerns(on: HookTable['on'], verdict: Inspection['verdict']): boolean {
  switch (on) {
    case 'every':
      return true
    case 'defect':
      return verdict === 'defect'
    case 'unsure-or-defect':
      return verdict === 'defect' || verdict === 'unsure'
    default:
      return on satisfies never
  }
}
