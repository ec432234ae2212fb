/**
 * Takes jobs from the queue and runs them, a few at a time. Any number of workers, on any number of machines, share
 * one database; what one leaves behind when it dies, another takes over.
 */
import { AssayError } from '@assay/contract'
import { hostname } from 'node:os'
import type { BlobStore } from '../blob/index.ts'
import type { Database } from '../database/index.ts'
import type { Log } from '../log.ts'
import { toProblem } from '../problem.ts'
import type { Delivery } from '../queue/index.ts'
import { createStores } from '../store/index.ts'
import type { FinishInput } from './finish.ts'
import { sweepWorkFolders } from './work-folder.ts'
import { LeaseGone, runJob, WorkerClosing } from './run-job.ts'

export interface WorkerOptions {
  readonly database: Database
  readonly delivery: Delivery
  readonly blobs: BlobStore
  readonly log: Log
  /** Where trainings keep what a later attempt goes on with. */
  readonly folder: string
  /** Jobs at a time. */
  readonly parallel: number
  /** Threads of each job. */
  readonly threads?: number | undefined
  readonly maxPixels?: number | undefined
  /** So long after its last word a worker counts as dead. */
  readonly leaseMs?: number
  /** So long may a task be silent; see `runTask`. */
  readonly silenceMs?: number
  /** Nobody else works on this database, so whatever runs was left by a dead process. */
  readonly isAlone?: boolean
  readonly warm?: FinishInput['warm']
  /** Process of each task, when it begins. */
  readonly onStart?: (pid: number) => void
}

export interface Worker {
  /** Ids of the jobs that it works on. */
  readonly running: readonly string[]
  /** Stops; what is not done goes back into the queue with what was reached. */
  close(): Promise<void>
}

/** With every tenth attempt whose worker goes away the job is given up: it may be what kills them. */
const mostLosses = 10

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { lease } = createStores(options.database.db)
  if (options.isAlone === true) await lease.expireAll()
  await sweepWorkFolders(options.folder, lease)
  const worker = new QueueWorker(options)
  worker.start()
  return worker
}

interface Running {
  readonly control: AbortController
  readonly done: Promise<void>
}

class QueueWorker implements Worker {
  readonly #options: WorkerOptions
  readonly #name = `${hostname()} ${process.pid}`
  readonly #running = new Map<string, Running>()
  readonly #leaseMs: number
  #unsubscribe = (): void => {}
  #sweeper: NodeJS.Timeout | undefined
  #isClosing = false
  #taking: Promise<void> | null = null
  #isAskedAgain = false

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#leaseMs = options.leaseMs ?? 30_000
  }

  get running(): readonly string[] {
    return [...this.#running.keys()]
  }

  start(): void {
    this.#unsubscribe = this.#options.database.bus.subscribe(
      (message) => {
        if (message.topic === 'cancel') this.#running.get(message.job)?.control.abort(new LeaseGone())
        if (message.topic === 'job') this.#look()
      },
      () => this.#look(),
    )
    // A message can be lost; this finds what nobody spoke of, and what the dead left.
    this.#sweeper = setInterval(() => void this.#sweep(), Math.min(5000, this.#leaseMs / 2))
    void this.#sweep()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#unsubscribe()
    clearInterval(this.#sweeper)
    await this.#taking
    for (const { control } of this.#running.values()) control.abort(new WorkerClosing())
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  /** Takes what there is room for; looks again if it was asked to meanwhile. */
  #look(): void {
    if (this.#taking !== null) {
      this.#isAskedAgain = true
      return
    }
    this.#taking = this.#takeAll().finally(() => {
      this.#taking = null
      if (!this.#isAskedAgain) return
      this.#isAskedAgain = false
      this.#look()
    })
  }

  async #takeAll(): Promise<void> {
    while (!this.#isClosing && this.#running.size < this.#options.parallel) {
      const isTaken = await this.#takeOne().catch((error: unknown) => {
        this.#options.log.error('cannot look into the queue', { error })
        return false
      })
      if (!isTaken) return
    }
  }

  /** False when nothing waits. */
  async #takeOne(): Promise<boolean> {
    const { database, delivery } = this.#options
    const found = await database.db.transaction().execute(async (trx) => {
      const id = await delivery.receive(trx)
      if (id === null) return null
      return { taken: await createStores(trx).lease.take(id, this.#name, this.#leaseMs) }
    })
    if (found === null) return false
    // One that was cancelled while it waited has no lease.
    if (found.taken !== null) this.#begin(found.taken)
    return true
  }

  #begin({
    lease,
    job,
  }: NonNullable<Awaited<ReturnType<ReturnType<typeof createStores>['lease']['take']>>>): void {
    const { database, blobs, log, folder, threads, maxPixels, silenceMs, warm, onStart } = this.#options
    const control = new AbortController()
    const before = this.#running.get(job.id)?.done
    const run = async (): Promise<void> => {
      // The attempt before, cancelled a moment ago, may still be stopping.
      await before
      const outcome = await runJob({
        database,
        blobs,
        log,
        folder,
        threads,
        maxPixels,
        silenceMs,
        warm,
        onStart,
        leaseMs: this.#leaseMs,
        lease,
        job,
        control,
      })
      if (outcome === 'given back') await this.#giveBack(lease)
    }
    const done = run()
      .catch((error: unknown) => log.error('a job has no end', { job: job.id, error }))
      .finally(() => {
        if (this.#running.get(job.id)?.control === control) this.#running.delete(job.id)
        this.#look()
      })
    this.#running.set(job.id, { control, done })
  }

  async #giveBack(lease: { readonly job: string; readonly attempt: number }): Promise<void> {
    const { database, delivery } = this.#options
    await database.db.transaction().execute(async (trx) => {
      if (await createStores(trx).lease.giveBack(lease)) await delivery.send(trx, lease.job)
    })
  }

  /** Puts what dead workers left into the queue again, and looks for work. */
  async #sweep(): Promise<void> {
    const { database, delivery, log } = this.#options
    try {
      await database.db.transaction().execute(async (trx) => {
        const stores = createStores(trx)
        for (const { job, attempt } of await stores.lease.reclaim()) {
          if (attempt % mostLosses === 0) {
            const error = toProblem(new AssayError('JOB_GAVE_UP', { attempts: mostLosses }), job)
            await stores.lease.giveUp(job, error)
          } else await delivery.send(trx, job)
        }
      })
    } catch (error) {
      log.error('cannot look for lost jobs', { error })
    }
    this.#look()
  }
}
