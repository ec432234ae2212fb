/** `assay evaluate`: eight metrics per product and their mean, and more, on labelled test images. */
import { basename, resolve } from 'node:path'
import type { Evaluation, Metrics } from '@assay/contract'
import type { EvaluateEvent, EvaluateResult, LayoutName, Sample } from '@assay/core'
import type { Core } from '../core.ts'
import { readSwitch, readText, readTexts } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { readLayout } from '../layout-option.ts'
import { createGathering, type Gathering } from '../output/evaluation-folder.ts'
import { printJson } from '../output/json.ts'
import { requireReportFolder } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { summariseEvaluation } from '../render/evaluation.ts'
import { createProgress, type Progress } from '../render/progress.ts'
import { readRunFlags, type RunFlags } from '../run-options.ts'

export async function runEvaluate(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [model = '', data = ''] = args
  const out = readText(flags, 'out')
  const products = readTexts(flags, 'product')
  const options = readRunFlags(flags, host)
  const isJson = readSwitch(flags, 'json')
  if (out !== undefined) await requireReportFolder(out)
  const core = await host.loadCore()
  const layout = readLayout(flags, core)
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  const gathering = out === undefined ? undefined : createGathering(core)
  const { result, failures } = await evaluate(
    core,
    { model, data, products, layout, intervals: readSwitch(flags, 'intervals'), ...options },
    {
      progress,
      onInspected: (judged) => gathering?.add(judged),
    },
  )
  let page: string | undefined
  if (out !== undefined && gathering !== undefined) {
    const card = await readCard(core, model, options)
    page = await gathering.write(out, {
      title: basename(resolve(data)),
      model: basename(model),
      card,
      evaluation: result.evaluation,
      routing: result.routing,
      failures,
    })
  }
  if (isJson) printJson(host, readSwitch(flags, 'more') ? result.evaluation : keepEight(result.evaluation))
  else host.stdout.write(`${summariseEvaluation(result).join('\n')}\n`)
  if (page !== undefined) progress.say(`page: ${page}`)
  return failures.length > 0 ? exitCodes.someFailed : exitCodes.done
}

/** The document that other tools rely on: eight metrics per product and their mean. */
function keepEight({ mean, products }: Evaluation): Evaluation {
  const strip = (metrics: Metrics): Metrics => {
    const eight = { ...metrics }
    delete eight.more
    return eight
  }
  return {
    mean: strip(mean),
    products: Object.fromEntries(Object.entries(products).map(([name, own]) => [name, strip(own)])),
  }
}

export interface EvaluateRun {
  readonly progress: Progress
  /** Called for each labelled image, one after the other. */
  readonly onInspected: (judged: Parameters<Gathering['add']>[0]) => Promise<void> | undefined
}

export interface Evaluated {
  readonly result: EvaluateResult
  /** Images that could not be used. */
  readonly failures: readonly { readonly image: string; readonly message: string; readonly hint: string }[]
}

/** Runs an evaluation with progress on stderr. Also used by the demo. */
export async function evaluate(
  core: Core,
  options: RunFlags & {
    readonly model: string
    readonly data: string
    readonly products: readonly string[] | undefined
    readonly layout?: LayoutName | undefined
    readonly intervals?: boolean
  },
  { progress, onInspected }: EvaluateRun,
): Promise<Evaluated> {
  const failures: { image: string; message: string; hint: string }[] = []
  const samples = await readSamples(core, options)
  try {
    const evaluation = core.evaluateModel(options)
    for (;;) {
      const { done, value } = await evaluation.next()
      if (done === true) return { result: value, failures }
      switch (value.type) {
        case 'stage':
          progress.update({ label: 'inspecting', done: value.done, total: value.total, unit: 'image' })
          break
        case 'inspected':
          await onInspected(toJudged(value, samples))
          break
        case 'image-error':
          failures.push({ image: value.image, message: value.message, hint: value.hint })
          progress.warn(`${value.message} It is left out.`)
          break
        case 'warning':
          progress.warn(value.message)
          break
        default:
          value satisfies never
      }
    }
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The evaluation', 'Run the same command again.', { cause: error })
  } finally {
    progress.clear()
  }
}

/** The card of a model file. */
export async function readCard(core: Core, model: string, options: RunFlags) {
  await using inspector = await core.openModel(model, options)
  return inspector.card
}

/** Samples by path: the true product and a short name of each image. */
async function readSamples(
  core: Core,
  { data, products, layout }: Pick<Parameters<typeof evaluate>[1], 'data' | 'products' | 'layout'>,
): Promise<Map<string, Sample>> {
  const dataset = await core.readDataset(data, { layout, ...(products === undefined ? {} : { products }) })
  return new Map(
    dataset.products.flatMap((product) => product.samples.map((sample) => [sample.path, sample])),
  )
}

function toJudged(event: EvaluateEvent & { type: 'inspected' }, samples: ReadonlyMap<string, Sample>) {
  const { inspected, label, defect, truth } = event
  const sample = samples.get(inspected.record.image)
  if (sample === undefined || label === 'unknown') {
    throw new Error(`internal: ${inspected.record.image} was evaluated without being a labelled sample`)
  }
  return { inspected, name: sample.id, product: sample.product, label, defect, truth }
}
