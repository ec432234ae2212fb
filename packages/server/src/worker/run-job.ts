/** One attempt of a job, from the lease to the end: task, progress, budget, outcome. */
import { AssayError } from '@assay/contract'
import type { ApiJob } from '@assay/contract/api'
import type { BlobStore } from '../blob/index.ts'
import type { Database } from '../database/index.ts'
import type { Log } from '../log.ts'
import { toProblem } from '../problem.ts'
import type { Lease, NewLine, Report } from '../store/lease.ts'
import { createStores } from '../store/index.ts'
import type { TaskEvent } from '../task/message.ts'
import { runTask } from '../task/run-task.ts'
import { finish, type FinishInput } from './finish.ts'
import { prepareOrder } from './order.ts'
import { createPace } from './pace.ts'
import { openWorkFolders, removeWorkFolders } from './work-folder.ts'

export interface RunJobInput {
  readonly database: Database
  readonly blobs: BlobStore
  readonly log: Log
  /** Below it every job has a folder. */
  readonly folder: string
  readonly threads: number | undefined
  readonly maxPixels: number | undefined
  readonly leaseMs: number
  readonly silenceMs: number | undefined
  readonly lease: Lease
  readonly job: ApiJob
  readonly warm: FinishInput['warm']
  /** Aborted with `WorkerClosing` when the worker closes, otherwise when the job is cancelled. */
  readonly control: AbortController
  readonly onStart?: ((pid: number) => void) | undefined
}

/** With every third attempt that breaks down the job fails, for a human to look at. */
const mostBreakdowns = 3

/** Why the work stops though nothing is wrong with it: the job goes back into the queue. */
export class WorkerClosing extends Error {}

/** The job is not this worker's any more: cancelled, or given to another. */
export class LeaseGone extends Error {}

export async function runJob(input: RunJobInput): Promise<'ended' | 'given back' | 'lost'> {
  const { database, blobs, log, lease, job, control, folder, threads, maxPixels } = input
  const stores = createStores(database.db)
  const reporter = startReports(input)
  const budget = startBudget(job, control)
  try {
    const folders = await openWorkFolders(folder, lease)
    const order = await prepareOrder({ job, stores, blobs, ...folders, threads, maxPixels })
    const result = await runTask(order, {
      signal: control.signal,
      onEvent: (event) => reporter.hear(event),
      ...(input.silenceMs === undefined ? {} : { silenceMs: input.silenceMs }),
      ...(input.onStart === undefined ? {} : { onStart: input.onStart }),
    })
    await reporter.flush()
    control.signal.throwIfAborted()
    const { warm } = input
    const isDone = await finish({
      database,
      blobs,
      lease,
      job,
      images: order.images,
      work: folders.work,
      result,
      warm,
    })
    if (!isDone) return 'lost'
    await removeWorkFolders(folder, job.id)
    return 'ended'
  } catch (error) {
    if (error instanceof LeaseGone) return 'lost'
    if (error instanceof WorkerClosing) return 'given back'
    if (!(error instanceof AssayError)) log.error('a job failed', { job: job.id, error })
    if (isBreakdown(error) && lease.attempt % mostBreakdowns !== 0) {
      reporter.hear({ type: 'line', level: 'warning', text: `${error.message} It is begun again.` })
      await reporter.flush()
      return 'given back'
    }
    await reporter.flush()
    const status = error instanceof AssayError && error.code === 'JOB_BUDGET_SPENT' ? 'cancelled' : 'failed'
    const isEnded = await stores.lease.end(lease, { status, error: toProblem(error, job.id) })
    return isEnded ? 'ended' : 'lost'
  } finally {
    clearTimeout(budget)
    await reporter.close()
  }
}

/** The process broke down, which says little about the job: another attempt goes on from where it was. */
function isBreakdown(error: unknown): error is AssayError {
  const codes: readonly string[] = ['TASK_CRASHED', 'TASK_OUT_OF_MEMORY', 'TASK_SILENT']
  return error instanceof AssayError && codes.includes(error.code)
}

/** The budget counts from the first start on, also while nobody works on it. */
function startBudget({ request, startedAt }: ApiJob, control: AbortController): NodeJS.Timeout | undefined {
  const minutes = request.kind === 'train' ? request.minutes : undefined
  if (minutes === undefined) return undefined
  const spentMs = startedAt === null ? 0 : Date.now() - Date.parse(startedAt)
  const abort = (): void => control.abort(new AssayError('JOB_BUDGET_SPENT', { minutes }))
  return setTimeout(abort, Math.min(Math.max(0, minutes * 60_000 - spentMs), 2 ** 31 - 1))
}

interface Reporter {
  hear(event: TaskEvent): void
  /** Writes what has not been written yet. */
  flush(): Promise<void>
  close(): Promise<void>
}

const reportMs = 500

/**
 * Writes progress and lines at most twice a second, and renews the lease though nothing happens. When the lease is
 * lost, or the database is away for longer than it lasts, the work is stopped.
 */
function startReports({ database, lease, leaseMs, job, control, log }: RunJobInput): Reporter {
  const stores = createStores(database.db)
  const pace = createPace(job.progress)
  let report: Report = {}
  let lines: NewLine[] = []
  let held = Date.now() + leaseMs
  let writing: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    const now = { report, lines }
    report = {}
    lines = []
    try {
      if (await stores.lease.report(lease, leaseMs, now.report, now.lines)) held = Date.now() + leaseMs
      else control.abort(new LeaseGone())
    } catch (error) {
      // The next one tries again.
      report = { ...now.report, ...report }
      lines = [...now.lines, ...lines]
      log.warning('cannot report on a job', { job: job.id, error })
      if (Date.now() > held) control.abort(new LeaseGone())
    }
  }
  const flush = (): Promise<void> => (writing = writing.then(write))
  let last = Date.now()
  const timer = setInterval(
    () => {
      const hasNews = lines.length > 0 || Object.keys(report).length > 0
      if (!hasNews && Date.now() - last < leaseMs / 3) return
      last = Date.now()
      void flush()
    },
    Math.min(reportMs, leaseMs / 4),
  )
  return {
    hear: (event) => {
      if (event.type === 'line') lines.push({ level: event.level, text: event.text })
      else {
        const { stage, share, loss } = event.progress
        report = { stage, progress: share, loss, secondsLeft: pace.estimate(share) }
      }
    },
    flush,
    close: async () => {
      clearInterval(timer)
      await writing
    },
  }
}
