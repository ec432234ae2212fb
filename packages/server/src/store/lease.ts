/**
 * What workers write about jobs. A worker holds a job by a lease: until its end nobody else may take it. Each start
 * raises `attempt`, and whatever a worker writes holds only while the attempt is its own and the job runs, so that
 * one who was thought dead, or whose job was cancelled, can do no harm.
 */
import type { ApiJob, JobLine, Problem } from '@assay/contract/api'
import { sql, type Expression, type SqlBool } from 'kysely'
import { notify, type Db } from '../database/index.ts'
import { toJob } from './job.ts'
import { transact } from './row.ts'

export interface Lease {
  readonly job: string
  readonly attempt: number
}

export interface Report {
  readonly stage?: string
  readonly progress?: number
  readonly secondsLeft?: number | null
  readonly loss?: number | null
}

type Ending =
  | { readonly status: 'done'; readonly model?: string }
  | { readonly status: 'failed' | 'cancelled'; readonly error: Problem }

export interface LeaseStore {
  /** Null when it is not in the queue any more. */
  take(job: string, worker: string, leaseMs: number): Promise<{ lease: Lease; job: ApiJob } | null>
  /** Renews the lease and says how far it is. False when the lease is lost; then nothing was written. */
  report(lease: Lease, leaseMs: number, report: Report, lines: readonly NewLine[]): Promise<boolean>
  /** False when the lease is lost. Whoever ends a job rolls back what belongs to it then. */
  end(lease: Lease, ending: Ending): Promise<boolean>
  /** Back into the queue, because the worker closes. False when the lease is lost. */
  giveBack(lease: Lease): Promise<boolean>
  /** Takes the jobs of dead workers from them: ids of those that are in the queue again. */
  reclaim(): Promise<readonly { readonly job: string; readonly attempt: number }[]>
  /** Ends a job in the queue that workers died of again and again. */
  giveUp(job: string, error: Problem): Promise<void>
  /** Those of the ids whose work may still be gone on with: not done, and ended at most `days` ago. */
  mayGoOn(ids: readonly string[], days: number): Promise<ReadonlySet<string>>
  /** All leases are over: for a server that is alone on its database and has just begun. */
  expireAll(): Promise<void>
}

export type NewLine = Pick<JobLine, 'level' | 'text'>

export function createLeaseStore(db: Db): LeaseStore {
  const held = ({ job, attempt }: Lease, on: Db) =>
    on.updateTable('job').where('id', '=', job).where('attempt', '=', attempt).where('status', '=', 'running')
  return {
    take: (id, worker, leaseMs) =>
      transact(db, async (trx) => {
        const row = await trx
          .updateTable('job')
          .set((e) => ({
            status: 'running',
            worker,
            attempt: e('attempt', '+', 1),
            leased_until: inFuture(leaseMs),
            started_at: e.fn.coalesce('started_at', sql<Date>`now()`),
          }))
          .where('id', '=', id)
          .where('status', '=', 'queued')
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) return null
        await notify(trx, { topic: 'job', job: id })
        return { lease: { job: id, attempt: row.attempt }, job: toJob(row) }
      }),
    report: (lease, leaseMs, { stage, progress, secondsLeft, loss }, lines) =>
      transact(db, async (trx) => {
        const row = await held(lease, trx)
          .set({
            leased_until: inFuture(leaseMs),
            ...(stage === undefined ? {} : { stage }),
            ...(progress === undefined ? {} : { progress }),
            ...(secondsLeft === undefined ? {} : { seconds_left: secondsLeft }),
            ...(loss === undefined ? {} : { loss }),
          })
          .returning('id')
          .executeTakeFirst()
        if (row === undefined) return false
        await addLines(trx, lease.job, lines)
        await notify(trx, { topic: 'job', job: lease.job })
        return true
      }),
    end: (lease, ending) =>
      transact(db, async (trx) => {
        const isDone = ending.status === 'done'
        const row = await held(lease, trx)
          .set({
            status: ending.status,
            ended_at: sql`now()`,
            leased_until: null,
            seconds_left: null,
            ...(isDone ? { progress: 1, stage: null } : { error: JSON.stringify(ending.error) }),
            ...(isDone && ending.model !== undefined ? { model: ending.model } : {}),
          })
          .returning('id')
          .executeTakeFirst()
        if (row === undefined) return false
        if (!isDone) await addLines(trx, lease.job, [{ level: 'error', text: ending.error.title }])
        await notify(trx, { topic: 'job', job: lease.job })
        return true
      }),
    giveBack: async (lease) => {
      const row = await held(lease, db)
        .set({ status: 'queued', worker: null, leased_until: null })
        .returning('id')
        .executeTakeFirst()
      return row !== undefined
    },
    reclaim: async () => {
      const isOver: Expression<SqlBool> = sql<boolean>`leased_until < now()`
      const rows = await db
        .updateTable('job')
        .set({ status: 'queued', worker: null, leased_until: null })
        .where('status', '=', 'running')
        .where(isOver)
        .returning(['id', 'attempt'])
        .execute()
      for (const { id } of rows)
        await addLines(db, id, [
          { level: 'warning', text: 'Its worker went away; it goes back into the queue.' },
        ])
      return rows.map(({ id, attempt }) => ({ job: id, attempt }))
    },
    giveUp: (job, error) =>
      transact(db, async (trx) => {
        await trx
          .updateTable('job')
          .set({ status: 'failed', ended_at: sql`now()`, error: JSON.stringify(error) })
          .where('id', '=', job)
          .where('status', '=', 'queued')
          .execute()
        await addLines(trx, job, [{ level: 'error', text: error.title }])
        await notify(trx, { topic: 'job', job })
      }),
    mayGoOn: async (ids, days) => {
      if (ids.length === 0) return new Set()
      const rows = await db
        .selectFrom('job')
        .select('id')
        .where('id', 'in', ids)
        .where('status', '<>', 'done')
        .where(sql<boolean>`(ended_at is null or ended_at > now() - ${days} * interval '1 day')`)
        .execute()
      return new Set(rows.map(({ id }) => id))
    },
    expireAll: async () => {
      await db
        .updateTable('job')
        .set({ leased_until: sql`now() - interval '1 second'` })
        .where('status', '=', 'running')
        .execute()
    },
  }
}

/** By the clock of the database, which all workers share. */
function inFuture(ms: number) {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`
}

/** The caller holds the row of the job, so that numbers are given one at a time. */
async function addLines(trx: Db, job: string, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return
  const { last } = await trx
    .selectFrom('job_line')
    .select((e) => e.fn.coalesce(e.fn.max('number'), e.val(0)).as('last'))
    .where('job', '=', job)
    .executeTakeFirstOrThrow()
  const rows = lines.map(({ level, text }, i) => ({
    job,
    number: last + i + 1,
    level,
    text: text.slice(0, 4000),
  }))
  await trx.insertInto('job_line').values(rows).execute()
  await notify(trx, { topic: 'line', job, number: last + rows.length })
}
