/** All jobs as they change, with the losses that were seen of each. */
import { signal } from '@preact/signals'
import type { ApiJob } from '@assay/contract/api'
import { watchJobs } from '../client/event.ts'
import { call } from '../client/request.ts'
import { refreshProduct } from './product.ts'
import { attempt, tell } from './toast.ts'

export const jobs = signal<ReadonlyMap<string, ApiJob>>(new Map())
/** Losses of the training steps that this page has seen, oldest first. */
export const losses = signal<ReadonlyMap<string, readonly number[]>>(new Map())
/** Counts up when a job ends: what it made can be asked for. */
export const endings = signal(0)

const mostLosses = 400

export const isUnfinished = ({ status }: ApiJob): boolean => status === 'queued' || status === 'running'

export const jobWords: Readonly<Record<ApiJob['request']['kind'], string>> = {
  train: 'Training',
  evaluate: 'Evaluation',
  calibrate: 'Calibration',
  inspect: 'Inspection of a batch',
}

/** Newest first; of all products without `product`. */
export function jobsOf(product?: string): readonly ApiJob[] {
  return [...jobs.value.values()]
    .filter((job) => product === undefined || job.product === product)
    .toSorted((a, b) => b.id.localeCompare(a.id))
}

/** Follows all jobs while somebody is signed in. Gives the way to stop. */
export function followJobs(): () => void {
  return watchJobs(null, {
    onJob: putJob,
    // Changes before the connection, or while it was lost, are in the list.
    onOpen: () => void attempt(async () => (await call('listJobs', {})).items.forEach(putJob)),
  })
}

export function putJob(job: ApiJob): void {
  const before = jobs.value.get(job.id)
  jobs.value = new Map(jobs.value).set(job.id, job)
  if (job.loss !== null && job.loss !== before?.loss) {
    const seen = [...(losses.value.get(job.id) ?? []), job.loss].slice(-mostLosses)
    losses.value = new Map(losses.value).set(job.id, seen)
  }
  if (before === undefined || !isUnfinished(before) || isUnfinished(job)) return
  endings.value++
  void attempt(() => refreshProduct(job.product))
  if (job.status === 'done') tell(`${jobWords[job.request.kind]} is done.`)
  if (job.status === 'failed')
    tell(`${jobWords[job.request.kind]} failed: ${job.error?.title ?? 'see its log'}`)
}
