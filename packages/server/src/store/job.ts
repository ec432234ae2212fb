/** Jobs as people see them. What a worker writes is in `lease.ts`. */
import { AssayError } from '@assay/contract'
import {
  jobRequestSchema,
  problemSchema,
  type ApiJob,
  type JobLine,
  type JobRequest,
  type jobQuerySchema,
} from '@assay/contract/api'
import { sql, type Selectable } from 'kysely'
import type { z } from 'zod'
import { notify, type Db, type JobTable } from '../database/index.ts'
import { fromCursor, toPage, type Page } from './page.ts'
import { found, toTime, transact } from './row.ts'

interface NewJob {
  readonly id: string
  readonly product: string
  readonly request: JobRequest
  /** That it judges with, if it makes none. */
  readonly model: string | null
}

export interface JobStore {
  list(query: z.output<typeof jobQuerySchema>): Promise<Page<ApiJob>>
  /** Throws NOT_FOUND, as all that take an id. */
  read(id: string): Promise<ApiJob>
  /** Lines after number `after`. */
  lines(id: string, after?: number): Promise<JobLine[]>
  /** Null when there is one with that id already. */
  create(job: NewJob): Promise<ApiJob | null>
  /** From the commit on nothing that its worker writes holds. Throws CONFLICT for one that has ended. */
  cancel(id: string): Promise<ApiJob>
  /** Back into the queue. Throws CONFLICT unless it failed or was cancelled. */
  retry(id: string): Promise<ApiJob>
  /** How many there are of each status. */
  count(): Promise<Partial<Record<ApiJob['status'], number>>>
}

export function createJobStore(db: Db): JobStore {
  const find = async (on: Db, id: string): Promise<Selectable<JobTable>> =>
    found(await on.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst(), 'job', id)
  const change = (id: string, run: (trx: Db, status: ApiJob['status']) => Promise<void>): Promise<ApiJob> =>
    transact(db, async (trx) => {
      const row = await trx
        .selectFrom('job')
        .select('status')
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      await run(trx, found(row, 'job', id).status)
      await notify(trx, { topic: 'job', job: id })
      return toJob(await find(trx, id))
    })
  return {
    list: async (query) => {
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .$if(query.product !== undefined, (q) => q.where('product', '=', query.product ?? ''))
        .$if(query.status !== undefined, (q) => q.where('status', '=', query.status ?? 'queued'))
        .$if(query.cursor !== undefined, (q) => q.where('id', '<', fromCursor(query.cursor ?? '')))
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute()
      return toPage(rows, query, toJob)
    },
    read: async (id) => toJob(await find(db, id)),
    lines: async (id, after = 0) => {
      const rows = await db
        .selectFrom('job_line')
        .selectAll()
        .where('job', '=', id)
        .where('number', '>', after)
        .orderBy('number')
        .execute()
      return rows.map(({ number, at, level, text }) => ({ number, at: toTime(at), level, text }))
    },
    create: ({ id, product, request, model }) =>
      transact(db, async (trx) => {
        const row = await trx
          .insertInto('job')
          .values({ id, product, request: JSON.stringify(request), status: 'queued', model })
          .onConflict((c) => c.column('id').doNothing())
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) return null
        await notify(trx, { topic: 'job', job: id })
        return toJob(row)
      }),
    cancel: (id) =>
      change(id, async (trx, status) => {
        if (status !== 'queued' && status !== 'running')
          throw new AssayError('CONFLICT', {
            reason: `the job is ${status}`,
            hint: 'Only one that has not ended can be cancelled.',
          })
        await trx
          .updateTable('job')
          .set({ status: 'cancelled', ended_at: sql`now()`, seconds_left: null, leased_until: null })
          .where('id', '=', id)
          .execute()
        await notify(trx, { topic: 'cancel', job: id })
      }),
    retry: (id) =>
      change(id, async (trx, status) => {
        if (status !== 'failed' && status !== 'cancelled')
          throw new AssayError('CONFLICT', {
            reason: `the job is ${status}`,
            hint: 'Only one that failed or was cancelled can be begun again.',
          })
        await trx
          .updateTable('job')
          .set({ status: 'queued', error: null, started_at: null, ended_at: null, worker: null })
          .where('id', '=', id)
          .execute()
      }),
    count: async () => {
      const rows = await db
        .selectFrom('job')
        .select((e) => ['status', e.fn.countAll<number>().as('jobs')])
        .groupBy('status')
        .execute()
      return Object.fromEntries(rows.map(({ status, jobs }) => [status, jobs]))
    },
  }
}

export function toJob(row: Selectable<JobTable>): ApiJob {
  return {
    id: row.id,
    product: row.product,
    // Rows of earlier versions lack keys that came later; their defaults are what those versions did.
    request: jobRequestSchema.parse(row.request),
    status: row.status,
    stage: row.stage,
    progress: row.progress,
    secondsLeft: row.seconds_left,
    loss: row.loss,
    attempt: row.attempt,
    model: row.model,
    error: row.error === null ? null : problemSchema.parse(row.error),
    createdAt: toTime(row.created_at),
    startedAt: toTime(row.started_at),
    endedAt: toTime(row.ended_at),
  }
}
