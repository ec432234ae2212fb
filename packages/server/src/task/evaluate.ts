/** The task of evaluating a model on test pictures, and what a training does with its own model at the end. */
import {
  createHistogramCounter,
  evaluateModel,
  type EvaluateEvent,
  type ImageHistogram,
  type RunOptions,
} from '@assay/core'
import { drawProCurve, drawScoreCurves } from './curve.ts'
import { writeMaterial, type Material } from './material.ts'
import type { EvaluateOrder, TaskEvaluation, TaskEvent, TaskImage, TaskResult } from './message.ts'
import { createProgress, type Progress } from './progress.ts'

export async function* runEvaluate(
  order: EvaluateOrder,
  run: RunOptions,
): AsyncGenerator<TaskEvent, TaskResult> {
  const progress = createProgress({ evaluate: 1 })
  return {
    kind: 'evaluation',
    evaluation: yield* evaluate({ ...order, ...run, tested: order.images, progress }),
  }
}

export interface EvaluateInput extends RunOptions {
  readonly folder: string
  readonly product: string
  readonly model: string
  readonly tested: readonly TaskImage[]
  readonly progress: Progress
}

/** Throws DATA_NO_TEST_IMAGES and what opening the model throws. */
export async function* evaluate(input: EvaluateInput): AsyncGenerator<TaskEvent, TaskEvaluation> {
  const { folder, product, model, tested, progress } = input
  const material = await writeMaterial(folder, 'tested', product, tested)
  const counter = createHistogramCounter()
  const histograms: ImageHistogram[] = []
  const images: TaskEvaluation['images'] = []
  let threshold = NaN
  const { device, threads, maxPixels, heldPixels, signal } = input
  const options = { device, threads, maxPixels, heldPixels, signal, model, data: material.data }
  const run = evaluateModel(options)
  for (;;) {
    const { done, value } = await run.next()
    if (done === true) {
      const scores = images.map(({ score, label }) => ({ score, isDefect: label === 'defect' }))
      return {
        threshold,
        metrics: value.evaluation,
        images,
        curves: { ...drawScoreCurves(scores), pro: drawProCurve(histograms) },
      }
    }
    if (value.type === 'inspected') {
      threshold = value.inspected.record.threshold ?? threshold
      images.push(toTested(value, material))
      const { map, width, height } = value.inspected
      if (value.truth !== null)
        histograms.push(counter.count(map, value.label === 'good' ? null : value.truth, width, height))
      continue
    }
    yield* tell(value, progress, material)
  }
}

function* tell(
  event: Exclude<EvaluateEvent, { type: 'inspected' }>,
  progress: Progress,
  material: Material,
): Generator<TaskEvent> {
  switch (event.type) {
    case 'stage':
      return yield { type: 'progress', progress: progress.report('evaluate', event.done, event.total) }
    case 'image-error':
      return yield { type: 'line', level: 'error', text: material.rename(event.message) }
    case 'warning':
      return yield { type: 'line', level: 'warning', text: material.rename(event.message) }
    default:
      return event satisfies never
  }
}

function toTested(
  { inspected, label, defect }: Extract<EvaluateEvent, { type: 'inspected' }>,
  material: Material,
): TaskEvaluation['images'][number] {
  const { record } = inspected
  return {
    image: material.imageAt(record.image).id,
    label: label === 'defect' ? 'defect' : 'good',
    defect,
    score: record.score ?? 0,
    zones: Object.fromEntries((record.zones ?? []).map(({ name, score }) => [name, score])),
  }
}
