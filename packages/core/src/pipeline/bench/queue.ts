/**
 * Runs jobs, a few side by side. One that fails is reported and the others go on.
 */
import { AssayError, reasonOf } from '@assay/contract'

/** What a job says on its way. */
export interface JobProgress {
  readonly label: string
  readonly done: number
  /** 0 where it is not known. */
  readonly total: number
}

export interface JobFailure {
  /** A code of the error table, or INTERNAL. */
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** A failure that came from another process. */
export class JobFault extends Error {
  readonly failure: JobFailure

  constructor(failure: JobFailure) {
    super(failure.message)
    this.failure = failure
  }
}

export type QueueEvent<Job, Result> =
  | { readonly type: 'started'; readonly job: Job }
  | { readonly type: 'progress'; readonly job: Job; readonly progress: JobProgress }
  | { readonly type: 'warning'; readonly job: Job; readonly message: string }
  | { readonly type: 'finished'; readonly job: Job; readonly result: Result }
  | { readonly type: 'failed'; readonly job: Job; readonly failure: JobFailure }

export interface RunJobOptions {
  readonly onProgress: (progress: JobProgress) => void
  readonly onWarning: (message: string) => void
  /** Aborted when the queue is; the job then ends soon, by throwing. */
  readonly signal: AbortSignal
}

export interface QueueOptions {
  /** Jobs side by side. */
  readonly workers: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs all jobs in their order. An abort ends those that run and is thrown; leaving the loop early ends them too.
 */
export async function* runJobs<Job, Result>(
  jobs: readonly Job[],
  run: (job: Job, options: RunJobOptions) => Promise<Result>,
  { workers, signal }: QueueOptions,
): AsyncGenerator<QueueEvent<Job, Result>, void> {
  const waiting = [...jobs]
  const said: QueueEvent<Job, Result>[] = []
  const ending = new AbortController()
  const anyEnd = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal])
  let wake = (): void => undefined
  const say = (event: QueueEvent<Job, Result>): void => {
    said.push(event)
    wake()
  }
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined && !anyEnd.aborted; job = waiting.shift()) {
      const here = job
      say({ type: 'started', job })
      try {
        const result = await run(job, {
          onProgress: (progress) => say({ type: 'progress', job: here, progress }),
          onWarning: (message) => say({ type: 'warning', job: here, message }),
          signal: anyEnd,
        })
        say({ type: 'finished', job, result })
      } catch (error) {
        if (!anyEnd.aborted) say({ type: 'failed', job, failure: toFailure(error) })
      }
    }
  }
  let isOver = false
  const workAll = async (): Promise<void> => {
    await Promise.all(Array.from({ length: workers }, work))
    isOver = true
    wake()
  }
  const all = workAll()
  try {
    for (;;) {
      for (let event = said.shift(); event !== undefined; event = said.shift()) yield event
      signal?.throwIfAborted()
      if (isOver) return
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      // Something may have been said while the consumer had the last event.
      if (said.length === 0 && !isOver) await promise
    }
  } finally {
    ending.abort()
    await all
  }
}

/** Code, sentence and remedy of anything that was thrown. */
export function toFailure(error: unknown): JobFailure {
  if (error instanceof JobFault) return error.failure
  if (error instanceof AssayError) return { code: error.code, message: error.message, hint: error.hint }
  return {
    code: 'INTERNAL',
    message: `Something went wrong that should not: ${reasonOf(error)}.`,
    hint: 'This is a fault of Assay; report it with the settings of the run.',
  }
}
