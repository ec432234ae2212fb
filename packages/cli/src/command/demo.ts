/**
 * `assay demo`: the whole way in about a minute, offline, on parts that Assay draws itself.
 *
 * One CRAS model for two products, then every test picture inspected, with a page to look at.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, profileNames } from '@assay/contract'
import type { EvaluateResult, InspectionItem, TrainResult } from '@assay/core'
import type { Core } from '../core.ts'
import { readChoice, readSwitch, readText } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { createGathering } from '../output/evaluation-folder.ts'
import { writeInspected, writeInspectionReport } from '../output/inspection-folder.ts'
import { printJson } from '../output/json.ts'
import { requireFolder, writeWhole } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { summariseDemo } from '../render/demo.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress } from '../render/progress.ts'
import { createPaint } from '../render/text.ts'
import { readRunFlags, type RunFlags } from '../run-options.ts'
import { evaluate, readCard } from './evaluate.ts'
import { train } from './train.ts'

export interface DemoResult {
  readonly report: string
  readonly evaluationPage: string
  readonly model: string
  /** Pictures that were drawn. */
  readonly drawn: number
  readonly training: TrainResult
  readonly evaluation: EvaluateResult
  readonly seconds: number
}

const products = ['flange', 'blister'] as const

/** Small enough for a minute on two cores, large enough that the numbers mean something. */
const counts = { train: 30, validationGood: 20, testGood: 10, testDefect: 2 }
/** Twenty held-out pictures show one false alarm in twenty; fewer would have to be guessed at. */
const recipe = { calibration: { falseAlarms: 0.05 } } as const
const size = { width: 320, height: 320 }

export async function runDemo(flags: Flags, host: Host): Promise<number> {
  const started = host.now()
  const out = readText(flags, 'out') ?? 'assay-demo'
  const profile = readChoice(flags, 'profile', profileNames) ?? 'fast'
  const run = readRunFlags(flags, host)
  const isQuiet = readSwitch(flags, 'quiet')
  await clearDemo(out)
  const core = await host.loadCore()
  const data = join(out, 'data')
  const model = join(out, 'model.onnx')
  const drawn = await drawParts(core, data, host, isQuiet)
  const training = await train(
    core,
    { data, out: model, method: 'cras', profile, recipe, ...run },
    host,
    isQuiet,
  )
  const pages = await judgeParts(core, { out, data, model, run }, host, isQuiet)
  const result: DemoResult = { ...pages, model, drawn, training, seconds: (host.now() - started) / 1000 }
  if (readSwitch(flags, 'json')) {
    const { report, evaluationPage, evaluation, seconds } = result
    printJson(host, {
      report,
      evaluationPage,
      model,
      images: drawn,
      ...evaluation.evaluation,
      confusion: evaluation.confusion,
      seconds,
    })
  } else {
    host.stdout.write(`${summariseDemo(result, createPaint(host.stdout, host.env)).join('\n')}\n`)
  }
  return exitCodes.done
}

/** What an earlier demo left is removed; a folder of anything else is not touched. */
async function clearDemo(out: string): Promise<void> {
  await requireFolder(out)
  const names = await readdir(out)
  if (names.length > 0 && !names.includes(marker)) throw new AssayError('OUTPUT_EXISTS', { path: out })
  for (const name of ours) await rm(join(out, name), { recursive: true, force: true })
  await writeWhole(join(out, marker), 'Made by "assay demo", which may overwrite this folder.\n')
}

const marker = '.assay-demo'
const ours = [
  'data',
  'model.onnx',
  'model.onnx.work',
  'overlays',
  'maps',
  'masks',
  'page',
  'index.html',
  'evaluation.html',
]

async function drawParts(core: Core, data: string, host: Host, isQuiet: boolean): Promise<number> {
  const progress = createProgress(host, { isQuiet })
  progress.say(`drawing ${products.length} made-up products: ${products.join(', ')}`)
  await mkdir(data, { recursive: true })
  try {
    const { images } = await core.synthesiseDataset(data, {
      products,
      counts,
      size,
      signal: host.signal,
      onProgress: ({ done, total }) => progress.update({ label: 'drawing', done, total, unit: 'picture' }),
    })
    return images
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The demo', 'Run the same command again.', { cause: error })
  } finally {
    progress.clear()
  }
}

interface DemoPaths {
  readonly out: string
  readonly data: string
  readonly model: string
  readonly run: RunFlags
}

/** Inspects and measures every test picture in one go, and writes both pages. */
async function judgeParts(core: Core, { out, data, model, run }: DemoPaths, host: Host, isQuiet: boolean) {
  const progress = createProgress(host, { isQuiet })
  const items: InspectionItem[] = []
  const gathering = createGathering(core)
  const { result, failures } = await evaluate(
    core,
    { model, data, products: undefined, ...run },
    {
      progress,
      onInspected: async (judged) => {
        const { inspected, truth } = judged
        const name = judged.name.replace(/\.png$/, '')
        const item = await writeInspected(core, out, {
          inspected,
          path: join(data, judged.name),
          name,
          truth,
        })
        items.push({ ...item, record: { ...item.record, image: judged.name } })
        await gathering.add(judged)
      },
    },
  )
  const card = await readCard(core, model, run)
  const shared = { model: 'model.onnx', card }
  const evaluationPage = await gathering.write(out, {
    ...shared,
    title: 'Assay demo',
    page: 'evaluation.html',
    evaluation: result.evaluation,
    routing: result.routing,
    failures,
    links: [{ label: 'All pictures', path: 'index.html' }],
  })
  const report = await writeInspectionReport(core, out, {
    ...shared,
    title: 'Assay demo',
    items,
    links: [{ label: 'The numbers', path: 'evaluation.html' }],
  })
  return { report, evaluationPage, evaluation: result }
}
