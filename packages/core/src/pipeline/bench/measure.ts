/** What a run gives: one row for each product that was tested. */
import { cpus } from 'node:os'
import { createRow, type BenchRow } from '../../experiment/index.ts'
import { version } from '../../version.ts'
import type { EvaluateResult } from '../evaluate.ts'
import type { TrainResult } from '../train.ts'
import type { ModelJob, StepsJob } from './job.ts'

/** What the process of a run took, in 10^6 bytes. */
export interface RunCost {
  readonly trainPeakMb: number
  readonly peakMb: number
  readonly modelMb: number
}

export function toRows(
  job: ModelJob,
  trained: Pick<TrainResult, 'steps' | 'seconds'>,
  { evaluation, confusion, routing, seconds, images }: EvaluateResult,
  cost: RunCost,
): BenchRow[] {
  const entries = Object.entries(evaluation.products)
  return entries.map(([product, { why: _why, more, ...eight }]) => ({
    ...createJobRow(job, product),
    page: `${job.folder}/index.html`,
    products: entries.length,
    ...eight,
    segF1: more?.segF1 ?? null,
    iou: more?.iou ?? null,
    classF1: more?.classF1 ?? null,
    auroc05: more?.auroc05 ?? null,
    aupimo: more?.aupimo ?? null,
    ...confusion[product],
    routed: routing?.correct ?? null,
    routable: routing?.total ?? null,
    steps: trained.steps,
    trainSeconds: trained.seconds,
    inspectMs: (1000 * seconds) / images,
    ...cost,
  }))
}

/** The row of a job with all that is known before it runs. */
export function createJobRow(job: ModelJob | StepsJob, product: string): BenchRow {
  const { seed, ...names } = job.identity
  return {
    ...createRow({
      ...names,
      product,
      device: job.device ?? 'cpu',
      machine: describeMachine(),
      assay: version,
      page: '',
    }),
    seed,
    threads: job.threads,
    workers: job.workers,
  }
}

/** The most memory that this process has had, in 10^6 bytes. */
export function peakMemoryMb(): number {
  return (process.resourceUsage().maxRSS * 1024) / 1e6
}

function describeMachine(): string {
  const all = cpus()
  return `${all[0]?.model.trim() ?? 'unknown processor'}, ${all.length} cores`
}
