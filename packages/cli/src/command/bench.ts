/** `assay bench quality`: methods x profiles x backbones x sets x seeds into one table and a report. */
import { basename, dirname, join, resolve } from 'node:path'
import { parseBench } from '@assay/contract'
import type { BenchJob } from '@assay/core'
import { openRunTable } from '../bench/run-table.ts'
import { runAll, type FailedJob, type RunOne } from '../bench/run-all.ts'
import { readSwitch, readText, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import { requireReportFolder, writeWhole } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { readYaml } from '../recipe-file.ts'
import { summariseBench } from '../render/bench.ts'
import { createProgress } from '../render/progress.ts'
import { readRunFlags } from '../run-options.ts'

export async function runBenchQuality(
  args: readonly string[],
  flags: Flags,
  host: Host,
  runOne?: RunOne,
): Promise<number> {
  const [file = ''] = args
  const out = readText(flags, 'out') ?? 'assay-bench'
  const { threads, device, memoryBytes } = readRunFlags(flags, host)
  const workers = readWhole(flags, 'workers', 1, 1024)
  const bench = parseBench(await readYaml(file), file)
  const core = await host.loadCore()
  const options = {
    threads: threads ?? bench.threads,
    workers: workers ?? bench.workers,
    device,
    memoryBytes,
  }
  const jobs = core.planBench(bench, dirname(resolve(file)), options)
  await requireReportFolder(out)
  const table = await openRunTable(core, join(out, 'runs.csv'))
  const page = join(out, 'index.html')
  const writePage = (failed: readonly FailedJob[]): Promise<void> =>
    writeWhole(
      page,
      core.renderBenchPage({
        title: basename(file).replace(/\.ya?ml$/, ''),
        rows: table.rows(),
        failures: failed.map(({ job, failure }) => ({ name: nameOf(job), ...failure })),
      }),
    )
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  const failed = await runAll(core, jobs, table, host, {
    out,
    workers: options.workers,
    progress,
    what: 'The bench',
    goOn: 'the same command goes on',
    nameOf,
    onRows: () => writePage([]),
    ...(runOne === undefined ? {} : { runOne }),
  })
  await writePage(failed)
  if (readSwitch(flags, 'json')) {
    const runs = { asked: jobs.length, failed: failed.length }
    const failures = failed.map(({ job, failure }) => ({ run: nameOf(job), ...failure }))
    const variants = core
      .summariseRows(table.rows())
      .map(({ variant, lines, mean }) => ({ variant, lines, mean }))
    printJson(host, { table: table.path, page, runs, failures, variants })
  } else {
    host.stdout.write(`${[...summariseBench(core, table.rows()), '', `page: ${page}`].join('\n')}\n`)
  }
  return failed.length > 0 ? exitCodes.someFailed : exitCodes.done
}

function nameOf({ identity }: BenchJob): string {
  const { set, method, profile, backbone, seed } = identity
  return `${set} ${method} ${profile} ${backbone} seed ${seed}`
}
