/**
 * Inspections: what models said, searched and read, and what humans decided. A decision stands beside the record and
 * never changes it. Rows are made where the judging is (inspection-insert.ts).
 */
import type { Inspection } from '@assay/contract'
import type { ApiInspection, inspectionQuerySchema } from '@assay/contract/api'
import { sql, type Selectable } from 'kysely'
import type { z } from 'zod'
import type { DecisionTable, Db, InspectionTable } from '../database/index.ts'
import { createImageStore } from './image.ts'
import { fromCursor, toPage, type Page } from './page.ts'
import { found, toTime, transact } from './row.ts'

export type InspectionQuery = Omit<z.output<typeof inspectionQuerySchema>, 'limit' | 'cursor'>

interface InspectionFiles {
  readonly product: string
  readonly model: string
  readonly name: string
  readonly sha256: string
  readonly map: string | null
  readonly mask: string | null
}

interface NewDecision {
  readonly verdict: DecisionTable['verdict']
  readonly by: string
  /** Where the picture enters the material; null keeps it out. */
  readonly learn: {
    /** Of the new picture. */
    readonly id: string
    readonly bytes: number
    readonly width: number
    readonly height: number
  } | null
}

/** A calibrated score and when, of one inspection. */
export interface ScorePoint {
  readonly at: Date
  readonly calibrated: number
  readonly verdict: string | null
}

export interface InspectionStore {
  list(query: z.output<typeof inspectionQuerySchema>): Promise<Page<ApiInspection>>
  /** All that a query finds, newest first, read page by page. */
  all(query: InspectionQuery): AsyncGenerator<ApiInspection, void>
  /** Throws NOT_FOUND, as all that take an id. */
  read(id: string): Promise<ApiInspection>
  files(id: string): Promise<InspectionFiles>
  /** In place of an earlier decision. */
  decide(id: string, decision: NewDecision): Promise<ApiInspection>
  /** Takes the decision back, and the picture that entered the material with it out. */
  undo(id: string): Promise<ApiInspection>
  /** The last `most` scores of a model, oldest first. */
  scores(model: string, most: number): Promise<ScorePoint[]>
}

const pageSize = 500

export function createInspectionStore(db: Db): InspectionStore {
  const select = (on: Db) =>
    on
      .selectFrom('inspection')
      .leftJoin('decision', 'decision.inspection', 'inspection.id')
      .selectAll('inspection')
      .select([
        'decision.verdict as decided',
        'decision.by as decided_by',
        'decision.at as decided_at',
        'decision.image as decided_image',
      ])
  const read = async (on: Db, id: string): Promise<ApiInspection> =>
    toInspection(found(await select(on).where('inspection.id', '=', id).executeTakeFirst(), 'inspection', id))
  const search = (query: InspectionQuery) => {
    let q = select(db)
    if (query.product !== undefined) q = q.where('inspection.product', '=', query.product)
    if (query.model !== undefined) q = q.where('inspection.model', '=', query.model)
    if (query.verdict !== undefined) q = q.where('inspection.verdict', '=', query.verdict)
    if (query.decided !== undefined) q = q.where('decision.inspection', query.decided ? 'is not' : 'is', null)
    if (query.disagrees !== undefined) q = q.where('inspection.disagrees', '=', query.disagrees)
    if (query.name !== undefined) q = q.where('inspection.name', 'ilike', `%${escapeLike(query.name)}%`)
    if (query.from !== undefined) q = q.where('inspection.created_at', '>=', new Date(query.from))
    if (query.to !== undefined) q = q.where('inspection.created_at', '<', new Date(query.to))
    if (query.minScore !== undefined) q = q.where('inspection.calibrated', '>=', query.minScore)
    if (query.maxScore !== undefined) q = q.where('inspection.calibrated', '<=', query.maxScore)
    return q.orderBy('inspection.id', 'desc')
  }
  const lock = async (trx: Db, id: string) =>
    found(
      await trx.selectFrom('inspection').selectAll().where('id', '=', id).forUpdate().executeTakeFirst(),
      'inspection',
      id,
    )
  return {
    read: (id) => read(db, id),
    list: async (query) => {
      const { cursor, limit } = query
      const rows = await search(query)
        .$if(cursor !== undefined, (q) => q.where('inspection.id', '<', fromCursor(cursor ?? '')))
        .limit(limit + 1)
        .execute()
      return toPage(rows, query, toInspection)
    },
    all: async function* (query) {
      let after: string | undefined
      for (;;) {
        const rows = await search(query)
          .$if(after !== undefined, (q) => q.where('inspection.id', '<', after ?? ''))
          .limit(pageSize)
          .execute()
        yield* rows.map(toInspection)
        after = rows.at(-1)?.id
        if (rows.length < pageSize) return
      }
    },
    files: async (id) => {
      const row = await db.selectFrom('inspection').selectAll().where('id', '=', id).executeTakeFirst()
      const {
        product,
        model,
        name,
        sha256,
        map_sha256: map,
        mask_sha256: mask,
      } = found(row, 'inspection', id)
      return { product, model, name, sha256, map, mask }
    },
    decide: (id, { verdict, by, learn }) =>
      transact(db, async (trx) => {
        const inspection = await lock(trx, id)
        await takeBack(trx, id)
        const image = learn === null ? null : await enterMaterial(trx, inspection, verdict, learn)
        await trx.insertInto('decision').values({ inspection: id, verdict, by, image }).execute()
        return read(trx, id)
      }),
    undo: (id) =>
      transact(db, async (trx) => {
        await lock(trx, id)
        await takeBack(trx, id)
        return read(trx, id)
      }),
    scores: async (model, most) => {
      const rows = await db
        .selectFrom('inspection')
        .select(['created_at', 'calibrated', 'verdict'])
        .where('model', '=', model)
        .where('calibrated', 'is not', null)
        .orderBy('id', 'desc')
        .limit(most)
        .execute()
      return rows
        .map(({ created_at, calibrated, verdict }) => ({
          at: created_at,
          calibrated: calibrated ?? 0,
          verdict,
        }))
        .reverse()
    },
  }
}

/** The picture that enters, or null when the product has it already: then it is no business of the decision. */
async function enterMaterial(
  trx: Db,
  inspection: Selectable<InspectionTable>,
  bucket: 'good' | 'defect',
  { id, bytes, width, height }: NonNullable<NewDecision['learn']>,
): Promise<string | null> {
  const { product, name, sha256 } = inspection
  const facts = { id, product, name, sha256, bytes, width, height }
  const { image, isDuplicate } = await createImageStore(trx).add({ ...facts, bucket, source: 'feedback' })
  return isDuplicate ? null : image.id
}

/** The picture is deleted as a human deletes one, so that evaluations that show it still can. */
async function takeBack(trx: Db, id: string): Promise<void> {
  const row = await trx
    .deleteFrom('decision')
    .where('inspection', '=', id)
    .returning('image')
    .executeTakeFirst()
  if (row?.image == null) return
  await trx
    .updateTable('image')
    .set({ deleted_at: sql<Date>`now()` })
    .where('id', '=', row.image)
    .execute()
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`)
}

interface InspectionRow extends Omit<Selectable<InspectionTable>, 'record'> {
  readonly record: Inspection
  readonly decided: DecisionTable['verdict'] | null
  readonly decided_by: string | null
  readonly decided_at: Date | null
  readonly decided_image: string | null
}

function toInspection(row: InspectionRow): ApiInspection {
  const { shadow_model: model, shadow_score: score, shadow_verdict: verdict } = row
  const { decided, decided_by: by, decided_at: at, decided_image: image } = row
  return {
    id: row.id,
    product: row.product,
    model: row.model,
    name: row.name,
    sha256: row.sha256,
    record: row.record,
    milliseconds: row.milliseconds,
    shadow:
      model === null || score === null || verdict === null
        ? null
        : { model, score, verdict, disagrees: row.disagrees },
    decision:
      decided === null || by === null || at === null ? null : { verdict: decided, by, at: toTime(at), image },
    createdAt: toTime(row.created_at),
  }
}
