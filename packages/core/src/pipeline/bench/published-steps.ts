/**
 * RoBiS through the published steps for one object: tiles, training, maps, masks, and the figures of the public
 * split. Every step leaves its files, so an interrupted run goes on where it stopped.
 */
import type { BenchRow } from '../../experiment/index.ts'
import type { ImageErrorEvent } from '../options.ts'
import {
  binariseMaps,
  cropDataset,
  evaluateMasks,
  mapTiles,
  mergeMaps,
  refineMasks,
  trainOnTiles,
  type RefineStepOptions,
  type StepEvent,
  type StepResult,
} from '../step/index.ts'
import type { StepsJob } from './job.ts'
import { createJobRow, peakMemoryMb } from './measure.ts'
import { JobFault } from './queue.ts'

/** Other parts than the published ones. */
export type StepParts = Pick<RefineStepOptions, 'encoders' | 'open'>

/**
 * Runs the job and gives the row of the public split. A picture that fails, and outlines that could not be drawn
 * anew, fail the whole: the figures would not be those of the experiment.
 */
export async function* runPublishedSteps(
  job: StepsJob,
  signal: AbortSignal,
  parts: StepParts = {},
): AsyncGenerator<StepEvent, BenchRow> {
  const { settings, steps, seed, threads } = job
  const common = { settings, threads, signal, encoders: parts.encoders }
  yield* whole(cropDataset(common))
  const began = performance.now()
  yield* whole(trainOnTiles({ ...common, steps, seed }))
  const trainSeconds = (performance.now() - began) / 1000
  const trainPeakMb = peakMemoryMb()
  for (const split of job.splits) {
    const own = { ...common, settings: { ...settings, test_type: split } }
    yield* whole(mapTiles(own))
    yield* whole(mergeMaps(own))
    yield* whole(binariseMaps(own))
    yield* whole(refineMasks({ ...own, open: parts.open }))
  }
  const { metrics } = yield* whole(
    evaluateMasks({ ...common, settings: { ...settings, test_type: 'test_public' } }),
  )
  const [[object, own] = []] = Object.entries(metrics)
  if (object === undefined || own === undefined) throw new Error('internal: no object was evaluated')
  const { aupro05, aupro30, pixelAuroc, pixelAp, pixelF1Max, segF1, iou, classF1 } = own
  return {
    ...createJobRow(job, object),
    products: 1,
    aupro05,
    aupro30,
    pixelAuroc,
    pixelAp,
    pixelF1Max,
    segF1,
    iou,
    classF1,
    trainSeconds,
    trainPeakMb,
    peakMb: peakMemoryMb(),
  }
}

/** Passes a step's events on, and its result if nothing was left out or failed. */
async function* whole<R extends StepResult>(
  step: AsyncGenerator<StepEvent, R>,
): AsyncGenerator<StepEvent, R> {
  let first: ImageErrorEvent | null = null
  let state = await step.next()
  while (state.done !== true) {
    if (state.value.type === 'image-error') first ??= state.value
    yield state.value
    state = await step.next()
  }
  if (first !== null) throw new JobFault({ code: first.code, message: first.message, hint: first.hint })
  if (state.value.leftOut !== null) throw state.value.leftOut
  return state.value
}
