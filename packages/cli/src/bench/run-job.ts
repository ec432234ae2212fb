/** What a process of its own does: one job from the first picture to the page of its evaluation. */
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { BenchJob, BenchRow, ModelJob, RunJobOptions, StepsJob } from '@assay/core'
import { evaluate, readCard } from '../command/evaluate.ts'
import type { Core } from '../core.ts'
import { createGathering } from '../output/evaluation-folder.ts'
import { requireReportFolder, writeWhole } from '../output/write.ts'
import type { Progress } from '../render/progress.ts'
import { showStepEvent } from '../render/step.ts'
import { showTrainEvent } from '../render/training.ts'

/** Runs the job below the folder `out` and gives its rows. */
export async function runJob(
  core: Core,
  job: BenchJob,
  out: string,
  options: RunJobOptions,
): Promise<readonly BenchRow[]> {
  switch (job.kind) {
    case 'model':
      return await runModelJob(core, job, join(out, job.folder), options)
    case 'steps':
      return [await runStepsJob(core, job, options)]
    default:
      return job satisfies never
  }
}

async function runModelJob(
  core: Core,
  job: ModelJob,
  folder: string,
  options: RunJobOptions,
): Promise<readonly BenchRow[]> {
  const { data, products, threads, device, memoryBytes } = job
  const run = { threads, device, memoryBytes, maxPixels: undefined, signal: options.signal }
  const progress = toProgress(options)
  const model = join(folder, 'model.onnx')
  await requireReportFolder(folder)
  const trained = await trainOrTakeUp(core, job, model, progress, run)
  const gathering = createGathering(core)
  const { result, failures } = await evaluate(
    core,
    { model, data, products: products ?? undefined, ...run },
    { progress, onInspected: (judged) => gathering.add(judged) },
  )
  await gathering.write(folder, {
    title: job.identity.set,
    model: basename(model),
    card: await readCard(core, model, run),
    evaluation: result.evaluation,
    routing: result.routing,
    failures,
    links: [{ label: 'all runs', path: '../../index.html' }],
  })
  const rows = core.toRows(job, trained, result, {
    trainPeakMb: trained.peakMb,
    peakMb: Math.max(trained.peakMb, core.peakMemoryMb()),
    modelMb: (await stat(model)).size / 1e6,
  })
  if (!job.keepModel) await rm(model, { force: true })
  return rows
}

/** What a training took; noted beside the model, so that it is known when only the evaluation was interrupted. */
interface Trained {
  readonly steps: number
  readonly seconds: number
  readonly peakMb: number
}

async function trainOrTakeUp(
  core: Core,
  job: ModelJob,
  model: string,
  progress: Progress,
  run: { readonly signal: AbortSignal },
): Promise<Trained> {
  const note = `${model}.json`
  if (job.resume) {
    const before = await readNote(note)
    if (before !== null && (await exists(model))) return before
  }
  await rm(note, { force: true })
  const { data, products, training } = job
  const resume = job.resume && (await exists(`${model}.work`))
  const events = core.trainModel({
    ...training,
    ...run,
    data,
    products: products ?? undefined,
    out: model,
    resume,
  })
  for (;;) {
    const { done, value } = await events.next()
    if (done !== true) {
      showTrainEvent(value, progress)
      continue
    }
    const trained = { steps: value.steps, seconds: value.seconds, peakMb: core.peakMemoryMb() }
    if (job.keepModel) await writeWhole(note, `${JSON.stringify(trained)}\n`)
    return trained
  }
}

async function runStepsJob(core: Core, job: StepsJob, options: RunJobOptions): Promise<BenchRow> {
  await mkdir(job.settings.data_path, { recursive: true })
  const progress = toProgress(options)
  const events = core.runPublishedSteps(job, options.signal)
  for (;;) {
    const { done, value } = await events.next()
    if (done === true) return value
    showStepEvent(value, progress)
  }
}

/** Progress as messages. */
function toProgress({ onProgress, onWarning }: RunJobOptions): Progress {
  return {
    update: ({ label, done, total }) => onProgress({ label, done, total }),
    say: () => undefined,
    warn: onWarning,
    clear: () => undefined,
  }
}

async function readNote(path: string): Promise<Trained | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  // Written by this file, whole or not at all.
  return text === null ? null : (JSON.parse(text) as Trained)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
