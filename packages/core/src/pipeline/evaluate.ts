/**
 * Inspects the test images of a dataset one at a time and measures the answers against the truth.
 *
 * Maps and masks are compared at each picture's own size. The product of a picture is recognised by the
 * model, not taken from its folder; the metrics are those of the folder's product.
 */
import { AssayError, type Evaluation, type Intervals, type Metrics, type MoreMetrics } from '@assay/contract'
import { readDataset, readMask, type Product, type Sample } from '../dataset/index.ts'
import {
  bootstrapDefaults,
  createAupimo,
  createHistogramCounter,
  createTally,
  estimateIntervals,
  evaluateConditions,
  evaluateTallies,
  meanMetrics,
  type AupimoAccumulator,
  type BootstrapOptions,
  type FinishedTally,
  type IntervalImage,
  type Tally,
} from '../metric/index.ts'
import { openModel, type InspectedImage, type Inspector } from './inspect.ts'
import type { ImageErrorEvent, RunOptions, WarningEvent } from './options.ts'
import { toImageError } from './decode.ts'

export interface EvaluateOptions extends RunOptions {
  readonly model: string | Uint8Array
  readonly data: string
  readonly products?: readonly string[] | undefined
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
  const dataset = await readDataset(
    options.data,
    options.products === undefined ? {} : { products: options.products },
  )
  const tested = dataset.products
    .map((product) => ({ product, samples: product.samples.filter(isTest) }))
    .filter((t) => t.samples.length > 0)
  if (tested.length === 0) throw new AssayError('DATA_NO_TEST_IMAGES', { path: dataset.root })
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
  const tallies = new Map<string | null, Tally>()
  const aupimo = createAupimo({ goodImages: samples.filter((s) => s.label === 'good').length })
  const resampling = createResampling(options.intervals)
  const counts = { goodPassed: 0, goodFlagged: 0, defectsFound: 0, defectsMissed: 0 }
  let recognised = 0
  let images = 0
  let masks = 0
  let withoutMask = 0
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
    let truth: Uint8Array | null
    try {
      truth = await readTruth(sample, width, height)
    } catch (error) {
      yield toImageError(sample.path, error)
      continue
    }
    const score = record.score ?? NaN
    let tally = tallies.get(sample.condition)
    if (tally === undefined) tallies.set(sample.condition, (tally = createTally()))
    tally.add({ name: sample.path, score, isDefect, map, mask, truth, width, height })
    if (truth === null) withoutMask++
    else if (!isDefect) aupimo.add(map, null)
    else if (truth.some((value) => value !== 0)) aupimo.add(map, truth)
    if (isDefect && truth !== null) masks++
    resampling?.add(score, isDefect, map, truth, width, height)
    images++
    if (record.product === product.name) recognised++
    const isFlagged = record.verdict !== 'good'
    counts[
      isDefect ? (isFlagged ? 'defectsFound' : 'defectsMissed') : isFlagged ? 'goodFlagged' : 'goodPassed'
    ]++
    yield { type: 'inspected', inspected, label: sample.label, defect: sample.defect, truth }
  }
  if (withoutMask > 0 && masks > 0)
    yield {
      type: 'warning',
      message: `${withoutMask} defect image${withoutMask === 1 ? '' : 's'} of "${product.name}" without a mask: left out of the pixel metrics.`,
    }
  yield { type: 'stage', done: progress.done, total: progress.total, image: '' }
  const finished = new Map(Array.from(tallies, ([condition, tally]) => [condition, tally.finish()]))
  const { eight, more } = measure(finished, aupimo)
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

/** All metrics of a product whose images are tallied by condition; null is the condition of a set without. */
function measure(
  tallies: ReadonlyMap<string | null, FinishedTally>,
  aupimo: AupimoAccumulator,
): { eight: Metrics; more: MoreMetrics } {
  const { eight, segmentation, auroc05, auroc05Mcclish } = evaluateTallies([...tallies.values()])
  const perImage = aupimo.evaluate()
  const numbers = {
    ...segmentation,
    auroc05,
    auroc05Mcclish,
    aupimo: 'why' in perImage ? null : perImage.value,
  }
  const reasons = {
    ...reasonsFor(['segF1', 'iou', 'auroc05', 'auroc05Mcclish'], numbers, eight.why?.['pixelAuroc']),
    ...reasonsFor(['classF1'], numbers, eight.why?.['imageAuroc']),
    ...('why' in perImage ? { aupimo: perImage.why } : {}),
  }
  const named = new Map<string, FinishedTally>()
  for (const [condition, tally] of tallies) if (condition !== null) named.set(condition, tally)
  return {
    eight,
    more: {
      ...numbers,
      ...(Object.keys(reasons).length === 0 ? {} : { why: reasons }),
      ...(named.size === 0 ? {} : { conditions: evaluateConditions(named) }),
    },
  }
}

function reasonsFor<Name extends string>(
  names: readonly Name[],
  numbers: Readonly<Record<Name, number | null>>,
  reason = 'there is no defect, and none was found',
): Record<string, string> {
  return Object.fromEntries(names.filter((name) => numbers[name] === null).map((name) => [name, reason]))
}

interface Resampling {
  add(
    score: number,
    isDefect: boolean,
    map: Float32Array,
    truth: Uint8Array | null,
    width: number,
    height: number,
  ): void
  estimate(): Intervals
}

/** Keeps what intervals need of each image, if they are asked for. */
function createResampling(asked: EvaluateOptions['intervals']): Resampling | null {
  if (asked === undefined || asked === false) return null
  const options = { ...bootstrapDefaults, ...(asked === true ? {} : asked) }
  const counter = createHistogramCounter()
  const images: IntervalImage[] = []
  return {
    add(score, isDefect, map, truth, width, height) {
      const histogram = truth === null ? null : counter.count(map, isDefect ? truth : null, width, height)
      images.push({ score, isDefect, histogram })
    },
    estimate: () => ({ ...options, ...estimateIntervals(images, options) }),
  }
}

/** The truth of a picture, non-zero where defect: all zero for a good one, null for a defect without a mask. */
async function readTruth(sample: Sample, width: number, height: number): Promise<Uint8Array | null> {
  if (sample.label === 'good') return new Uint8Array(width * height)
  if (sample.maskPath === null) return null
  return readMask(sample.maskPath, { name: sample.path, width, height })
}
