/**
 * Inspects the test images of a dataset one at a time and measures the answers against the truth.
 *
 * Maps and masks are compared at each picture's own size. The product of a picture is recognised by the
 * model, not taken from its folder; the metrics are those of the folder's product.
 */
import { AssayError, type Evaluation, type Metrics } from '@assay/contract'
import {
  readDataset,
  readTruth,
  type LayoutName,
  type Product,
  type Sample,
  type Truth,
} from '../dataset/index.ts'
import { createAupimo, createTally, meanMetrics, type BootstrapOptions, type Tally } from '../metric/index.ts'
import { createResampling, measure } from './evaluate-measure.ts'
import { warnAboutMasks, warnAboutUntested, type MaskCounts } from './evaluate-warnings.ts'
import { openModel, type InspectedImage, type Inspector } from './inspect.ts'
import type { ImageErrorEvent, RunOptions, WarningEvent } from './options.ts'
import { toImageError } from './decode.ts'

export interface EvaluateOptions extends RunOptions {
  readonly model: string | Uint8Array
  readonly data: string
  readonly products?: readonly string[] | undefined
  /** What the data is; found out if not given. */
  readonly layout?: LayoutName | undefined
  /** Whether to add bootstrap intervals, or how; each draw goes over the histograms of all images. */
  readonly intervals?: boolean | BootstrapOptions | undefined
}

export type EvaluateEvent =
  | { readonly type: 'stage'; readonly done: number; readonly total: number; readonly image: string }
  | {
      readonly type: 'inspected'
      readonly inspected: InspectedImage
      readonly label: Sample['label']
      readonly defect: string | null
      /** Non-zero where the mask marks a defect; null for a defect without a mask. */
      readonly truth: Uint8Array | null
    }
  | ImageErrorEvent
  | WarningEvent

/** How many pictures the verdict got right, per product. */
export interface Confusion {
  readonly goodPassed: number
  readonly goodFlagged: number
  readonly defectsFound: number
  readonly defectsMissed: number
}

export interface EvaluateResult {
  readonly evaluation: Evaluation
  /** Pictures whose product was recognised; null for a model of one product. */
  readonly routing: { readonly correct: number; readonly total: number } | null
  readonly confusion: Readonly<Record<string, Confusion>>
  readonly seconds: number
  readonly images: number
}

export async function* evaluateModel(
  options: EvaluateOptions,
): AsyncGenerator<EvaluateEvent, EvaluateResult> {
  const started = performance.now()
  await using model = await openModel(options.model, options)
  const { products, layout } = options
  const dataset = await readDataset(options.data, { layout, ...(products === undefined ? {} : { products }) })
  const all = dataset.products.map((product) => ({ product, samples: product.samples.filter(isTest) }))
  const tested = all.filter((t) => t.samples.length > 0)
  if (tested.length === 0) throw new AssayError('DATA_NO_TEST_IMAGES', { path: dataset.root })
  for (const { product, samples } of all)
    if (samples.length === 0) yield { type: 'warning', message: warnAboutUntested(product.name) }
  const progress = { done: 0, total: tested.reduce((sum, t) => sum + t.samples.length, 0) }
  const metrics: Record<string, Metrics> = {}
  const confusion: Record<string, Confusion> = {}
  let correct = 0
  let images = 0
  for (const { product, samples } of tested) {
    const result = yield* evaluateProduct(model, product, samples, progress, options)
    metrics[product.name] = result.metrics
    confusion[product.name] = result.confusion
    correct += result.recognised
    images += result.images
  }
  return {
    evaluation: { mean: meanMetrics(metrics), products: metrics },
    routing: model.card.products.length === 1 ? null : { correct, total: images },
    confusion,
    seconds: (performance.now() - started) / 1000,
    images,
  }
}

/** Test images whose truth is known. */
function isTest(sample: Sample): boolean {
  return sample.split === 'test' && sample.label !== 'unknown'
}

interface ProductResult {
  readonly metrics: Metrics
  readonly confusion: Confusion
  readonly recognised: number
  readonly images: number
}

async function* evaluateProduct(
  model: Inspector,
  product: Product,
  samples: readonly Sample[],
  progress: { done: number; readonly total: number },
  options: EvaluateOptions,
): AsyncGenerator<EvaluateEvent, ProductResult> {
  // By condition; where masks say when a defect counts as found, there are no conditions and it is by defect.
  const tallies = new Map<string | null, Tally>()
  const isSaturated = product.defectKinds !== null
  const aupimo = createAupimo({ goodImages: samples.filter((s) => s.label === 'good').length })
  const resampling = createResampling(options.intervals)
  const counts = { goodPassed: 0, goodFlagged: 0, defectsFound: 0, defectsMissed: 0 }
  let recognised = 0
  let images = 0
  const masks: MaskCounts = { read: 0, without: [], empty: [], grey: [] }
  const items = model.inspectAll(
    samples.map((s) => s.path),
    options.signal === undefined ? {} : { signal: options.signal },
  )
  for (const sample of samples) {
    options.signal?.throwIfAborted()
    yield { type: 'stage', done: progress.done++, total: progress.total, image: sample.path }
    const { value: item } = await items.next()
    if (!item) throw new Error('internal: fewer inspections than samples')
    const { inspected } = item
    if (inspected === null) {
      yield toImageError(sample.path, item.error)
      continue
    }
    const { width, height, map, mask, record } = inspected
    const isDefect = sample.label === 'defect'
    let known: Truth
    try {
      known = await readTruth(sample, product, inspected)
    } catch (error) {
      yield toImageError(sample.path, error)
      continue
    }
    const score = record.score ?? NaN
    const { mask: truth, defects, greyMasks } = known
    const group = isSaturated ? sample.defect : sample.condition
    let tally = tallies.get(group)
    if (tally === undefined) tallies.set(group, (tally = createTally()))
    tally.add({ name: sample.path, score, isDefect, map, mask, truth, defects, width, height })
    if (truth === null) masks.without.push(sample.path)
    else if (!isDefect) aupimo.add(map, null)
    else {
      masks.read++
      masks.grey.push(...greyMasks)
      if (truth.some((value) => value !== 0)) aupimo.add(map, truth)
      else masks.empty.push(sample.path)
    }
    resampling?.add(score, isDefect, map, truth, width, height)
    images++
    if (record.product === product.name) recognised++
    const isFlagged = record.verdict !== 'good'
    counts[
      isDefect ? (isFlagged ? 'defectsFound' : 'defectsMissed') : isFlagged ? 'goodFlagged' : 'goodPassed'
    ]++
    yield { type: 'inspected', inspected, label: sample.label, defect: sample.defect, truth }
  }
  for (const message of warnAboutMasks(product.name, masks)) yield { type: 'warning', message }
  yield { type: 'stage', done: progress.done, total: progress.total, image: '' }
  const finished = new Map(Array.from(tallies, ([group, tally]) => [group, tally.finish()]))
  const { eight, more } = measure(finished, aupimo, isSaturated)
  return {
    metrics: {
      ...eight,
      more: resampling === null ? more : { ...more, intervals: resampling.estimate() },
    },
    confusion: counts,
    recognised,
    images,
  }
}
