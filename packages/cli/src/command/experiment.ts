/** `assay experiment`: a published experiment with the paper's figures beside ours. */
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AssayError } from '@assay/contract'
import type { BenchJob, ExperimentPlan, Preset, StepsJob } from '@assay/core'
import { openRunTable, type RunTable } from '../bench/run-table.ts'
import { runAll, type RunOne } from '../bench/run-all.ts'
import type { Core } from '../core.ts'
import { readSwitch, readText, readTexts, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import { requireReportFolder, writeWhole } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { experimentDocument, listExperiments, showExperiment } from '../render/experiment.ts'
import { createProgress } from '../render/progress.ts'
import { readRunFlags } from '../run-options.ts'

export async function runExperiment(
  args: readonly string[],
  flags: Flags,
  host: Host,
  runOne?: RunOne,
): Promise<number> {
  const [name = ''] = args
  const isJson = readSwitch(flags, 'json')
  const request = readRequest(flags, host)
  const core = await host.loadCore()
  if (name === 'list') {
    if (isJson) printJson(host, { experiments: core.experiments })
    else host.stdout.write(`${listExperiments(core.experiments).join('\n')}\n`)
    return exitCodes.done
  }
  const preset = core.findExperiment(name)
  const { data } = request
  if (data === undefined)
    throw new AssayError('USAGE', { reason: `${preset.dataset} is needed: give its folder with --data` })
  const out = resolve(readText(flags, 'out') ?? `assay-${name}`)
  const plan = await core.planExperiment({ ...request, preset, data: resolve(data), out })
  await requireReportFolder(out)
  const table = await openRunTable(core, join(out, 'runs.csv'))
  requireResume(plan.jobs, table, request.resume)
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  const failed = await runAll(core, plan.jobs, table, host, {
    out,
    workers: request.workers,
    progress,
    nameOf: ({ identity }) => identity.set,
    what: 'The experiment',
    goOn: 'the same command with --resume goes on',
    ...(runOne === undefined ? {} : { runOne }),
  })
  const notRun = new Map(plan.notRun)
  for (const { job, failure } of failed)
    for (const product of productsOf(job)) notRun.set(product, `${failure.message} ${failure.hint}`)
  const rows = plan.jobs.flatMap((job) => table.rowsOf(job))
  const hidden = await packHidden(core, preset, plan, out)
  const lines = core.tabulateExperiment(preset, { rows, notRun, hidden })
  await writeWhole(
    join(out, 'index.html'),
    core.renderBenchPage({
      title: basename(out),
      rows,
      failures: failed.map(({ job, failure }) => ({ name: job.identity.set, ...failure })),
    }),
  )
  const shown = { preset, lines, trial: plan.trial }
  if (isJson) printJson(host, experimentDocument(shown, out))
  else host.stdout.write(`${showExperiment(shown).join('\n')}\n`)
  const isWhole = lines.every((line) => line.ours !== null || !isMeasuredHere(preset, line.split))
  return isWhole ? exitCodes.done : exitCodes.someFailed
}

function readRequest(flags: Flags, host: Host) {
  const { threads = 1, device, memoryBytes } = readRunFlags(flags, host)
  const epochs = readWhole(flags, 'epochs', 1, 1_000_000)
  const steps = readWhole(flags, 'steps', 1, 1_000_000_000)
  if (epochs !== undefined && steps !== undefined)
    throw new AssayError('USAGE', { reason: 'Give --epochs or --steps, not both' })
  return {
    data: readText(flags, 'data'),
    products: readTexts(flags, 'product'),
    epochs,
    steps,
    resume: readSwitch(flags, 'resume'),
    workers: readWhole(flags, 'workers', 1, 1024) ?? 1,
    threads,
    device,
    memoryBytes,
  }
}

/** What took days is not lost or mixed by a forgotten switch. */
function requireResume(jobs: readonly BenchJob[], table: RunTable, resume: boolean): void {
  if (resume || jobs.every((job) => table.rowsOf(job).length === 0)) return
  const reason = `${table.path} has results of this experiment: go on with --resume, or choose another place with --out`
  throw new AssayError('USAGE', { reason })
}

function productsOf(job: BenchJob): readonly string[] {
  return job.kind === 'model' ? (job.products ?? []) : job.settings.mvtecad2_class_list
}

function isMeasuredHere(preset: Preset, split: string | null): boolean {
  return preset.kind === 'model' || split === preset.measuredSplit
}

/** Packs maps and masks of the private splits once all are there; says what became of them. */
async function packHidden(core: Core, preset: Preset, plan: ExperimentPlan, out: string): Promise<string> {
  const unknown = 'only the benchmark server knows the truth'
  if (preset.kind === 'model') return unknown
  const jobs = plan.jobs.filter((job): job is StepsJob => job.kind === 'steps')
  const [first] = jobs
  const isAll = jobs.length === preset.products.length && jobs.every((job) => job.splits.length === 3)
  if (first === undefined || !isAll) return `${unknown}; with all objects and splits a submission is packed`
  const folder = join(out, 'submission')
  const archive = `${folder}.tar.gz`
  if (await exists(archive)) return `${unknown}: upload ${archive}`
  const packing = core.submitMaps(folder, { settings: first.settings })
  for (;;) {
    const { done, value } = await packing.next()
    if (done !== true) continue
    if (value.packed !== null) return `${unknown}: upload ${value.archive}`
    return `${unknown}; the submission in ${folder} is incomplete`
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
