/**
 * Carries the ids of waiting jobs from whoever queues them to whichever worker is free: pg-boss on the same database.
 *
 * The table of jobs is the truth. An id is sent in the transaction that queues the job, and taken in the one that
 * starts it, so that neither can be without the other.
 */
import { fromKysely, PgBoss } from 'pg-boss'
import type { Database, Db } from '../database/index.ts'

export interface Delivery extends AsyncDisposable {
  /** `trx` is the transaction that queues the job. */
  send(trx: Db, job: string): Promise<void>
  /** The id that has waited longest; `trx` is the transaction that starts it. Others skip what it holds. */
  receive(trx: Db): Promise<string | null>
}

const queue = 'job'

export async function openDelivery(database: Database, onFault: (error: Error) => void): Promise<Delivery> {
  const boss = new PgBoss({
    db: database,
    schema: 'delivery',
    backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
    schedule: false,
    reindex: false,
    monitorVacuum: false,
  })
  boss.on('error', onFault)
  await boss.start()
  await boss.createQueue(queue, { retryLimit: 0, deleteAfterSeconds: 3600, retentionSeconds: 31_536_000 })
  // Reads what pg-boss knows of the queue, which it could not do on the one connection inside a transaction.
  await boss.findJobs(queue, { id: '00000000-0000-0000-0000-000000000000' })
  return {
    send: async (trx, job) => {
      await boss.send(queue, { job }, { db: fromKysely(trx) })
    },
    receive: async (trx) => {
      const [delivered] = await boss.fetch<{ job: string }>(queue, { db: fromKysely(trx) })
      if (delivered === undefined) return null
      await boss.complete(queue, delivered.id, null, { db: fromKysely(trx) })
      return delivered.data.job
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  }
}
