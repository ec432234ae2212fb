/** What a run and the process that started it say to each other. */
import type { BenchJob, BenchRow, JobFailure, JobProgress } from '@assay/core'

/** To the run, once. */
export interface Order {
  readonly job: BenchJob
  /** Folder of the table, below which the files of the job go. */
  readonly out: string
}

/** From the run; the last one is `done` or `failed`. */
export type Word =
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'done'; readonly rows: readonly BenchRow[] }
  | { readonly type: 'failed'; readonly failure: JobFailure }
