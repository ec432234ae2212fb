/**
 * Quality table: every set x method x profile x seed, last step, no choice made on the test set.
 *
 *   npx node bench/quality/run.ts <folder of product folders> <out.csv> [--sets a,b] [--methods cras,patchcore]
 *     [--profiles balanced] [--seeds 0,1,2] [--threads 1] [--workers 2] [--commit HASH] [--together]
 *
 * Rows that the CSV already has are not run again. `--together` trains one model over all the sets.
 */
import { metricNames } from '@assay/contract'
import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs, promisify } from 'node:util'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sets: { type: 'string', default: 'cookie,ksdd,mtd,tire' },
    methods: { type: 'string', default: 'cras,patchcore' },
    profiles: { type: 'string', default: 'balanced' },
    seeds: { type: 'string', default: '0,1,2' },
    threads: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    commit: { type: 'string', default: '' },
    together: { type: 'boolean', default: false },
  },
})
const [root = '', out = ''] = positionals
const columns = [
  'set',
  'method',
  'profile',
  'seed',
  ...metricNames,
  'goodPassed',
  'goodFlagged',
  'defectsFound',
  'defectsMissed',
]
const runColumns = [
  'routed',
  'routable',
  'trainSeconds',
  'inspectMs',
  'trainPeakMb',
  'steps',
  'threads',
  'workers',
  'machine',
  'commit',
]
if (!existsSync(out)) writeFileSync(out, `${[...columns, ...runColumns].join(',')}\n`)
const done = new Set(
  readFileSync(out, 'utf8')
    .split('\n')
    .map((line) => line.split(',').slice(0, 4).join(',')),
)

interface Result {
  readonly products: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly routing: { readonly correct: number; readonly total: number } | null
  readonly trainSeconds: number
  readonly inspectMs: number
  readonly trainPeakMb: number
  readonly steps: number
}

interface Job {
  readonly label: string
  readonly data: string
  readonly method: string
  readonly profile: string
  readonly seed: string
}

const sets = values.sets.split(',')
const jobs: Job[] = []
for (const seed of values.seeds.split(','))
  for (const profile of values.profiles.split(','))
    for (const [label, data] of values.together
      ? [['', join(sets)] as const]
      : sets.map((s) => [s, path.join(root, s)] as const))
      for (const method of values.methods.split(',')) jobs.push({ label, data, method, profile, seed })

await Promise.all(Array.from({ length: Number(values.workers) }, work))

async function work(): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    const { label, data, method, profile, seed } = job
    const first = values.together ? `${sets[0]}@all` : label
    if (done.has([first, method, profile, seed].join(','))) continue
    const script = path.join(import.meta.dirname, 'one.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [
      script,
      data,
      method,
      profile,
      seed,
      values.threads,
    ])
    // one.ts prints this shape.
    const result = JSON.parse(stdout) as Result
    for (const [product, metrics] of Object.entries(result.products)) {
      const confusion = result.confusion[product] ?? {}
      const row = [
        values.together ? `${product}@all` : product,
        method,
        profile,
        seed,
        ...metricNames.map((name) => round(metrics[name], 5)),
        ...['goodPassed', 'goodFlagged', 'defectsFound', 'defectsMissed'].map(
          (name) => confusion[name] ?? '',
        ),
        result.routing?.correct ?? '',
        result.routing?.total ?? '',
        round(result.trainSeconds, 1),
        round(result.inspectMs, 1),
        round(result.trainPeakMb, 0),
        result.steps,
        values.threads,
        values.workers,
        `${cpus()[0]?.model ?? ''} ${cpus().length} cores shared`.replaceAll(',', ' '),
        values.commit,
      ]
      appendFileSync(out, `${row.join(',')}\n`)
      console.log(row.slice(0, 12).join(' '))
    }
  }
}

/** A folder that holds just the named sets. */
function join(names: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'assay-together-'))
  for (const name of names) symlinkSync(path.resolve(root, name), path.join(folder, name))
  return folder
}

function round(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '' : String(Number(value.toFixed(digits)))
}
