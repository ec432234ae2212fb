/** Runs what a table does not have yet, and keeps it up to date. */
import type { BenchJob, BenchRow, JobFailure, RunJobOptions } from '@assay/core'
import type { Core } from '../core.ts'
import type { Host } from '../host.ts'
import { Interruption, isAbort } from '../render/error.ts'
import type { Progress } from '../render/progress.ts'
import type { Order } from './message.ts'
import type { RunTable } from './run-table.ts'

export interface FailedJob {
  readonly job: BenchJob
  readonly failure: JobFailure
}

export interface RunAllOptions {
  readonly out: string
  readonly workers: number
  readonly progress: Progress
  /** What is stopped, and how to go on with it, for an interruption. */
  readonly what: string
  readonly goOn: string
  /** Words for a job. */
  readonly nameOf: (job: BenchJob) => string
  /** Called after each finished job. */
  readonly onRows?: () => Promise<void>
  /** How a job is run; by default in a process of its own. */
  readonly runOne?: RunOne
}

export type RunOne = (core: Core, order: Order, options: RunJobOptions) => Promise<readonly BenchRow[]>

/** Runs the jobs without rows; one that fails is said, and the others go on. */
export async function runAll(
  core: Core,
  jobs: readonly BenchJob[],
  table: RunTable,
  host: Host,
  { out, workers, progress, what, goOn, nameOf, onRows, runOne }: RunAllOptions,
): Promise<readonly FailedJob[]> {
  const { runInProcess } = await import('./process.ts')
  const run = runOne ?? runInProcess
  const missing = jobs.filter((job) => table.rowsOf(job).length === 0)
  const failed: FailedJob[] = []
  let done = 0
  const show = (detail: string): void =>
    progress.update({ label: 'runs', done, total: missing.length, unit: 'run', detail })
  if (missing.length < jobs.length)
    progress.say(`${jobs.length - missing.length} of ${jobs.length} runs are in ${table.path} already`)
  try {
    const queue = core.runJobs(missing, (job, options) => run(core, { job, out }, options), {
      workers,
      signal: host.signal,
    })
    for await (const event of queue) {
      const name = nameOf(event.job)
      switch (event.type) {
        case 'started':
          show(name)
          break
        case 'progress': {
          const { label, done: at, total } = event.progress
          show(`${name}: ${label} ${total > 0 ? `${at}/${total}` : at}`)
          break
        }
        case 'warning':
          progress.warn(`${name}: ${event.message}`)
          break
        case 'finished':
          done++
          await table.add(event.result)
          await onRows?.()
          show(name)
          break
        case 'failed':
          done++
          failed.push({ job: event.job, failure: event.failure })
          progress.warn(`${name}: ${event.failure.message} ${event.failure.hint}`)
          break
        default:
          event satisfies never
      }
    }
    return failed
  } catch (error) {
    if (!isAbort(error)) throw error
    const hint = `${done} of ${missing.length} runs are done and kept; ${goOn} with the others.`
    throw new Interruption(what, hint, { cause: error })
  } finally {
    progress.clear()
  }
}
