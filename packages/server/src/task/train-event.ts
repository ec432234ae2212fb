/** What a training or calibration says, as lines of a log and progress. */
import type { TrainEvent } from '@assay/core'
import type { Material } from './material.ts'
import type { TaskEvent } from './message.ts'
import type { Progress } from './progress.ts'

function* tellTraining(event: TrainEvent, progress: Progress, material: Material): Generator<TaskEvent> {
  const line = (text: string, level: 'info' | 'warning' | 'error' = 'info'): TaskEvent => ({
    type: 'line',
    level,
    text: material.rename(text),
  })
  switch (event.type) {
    case 'stage':
      return yield { type: 'progress', progress: progress.report(event.stage, event.done, event.total) }
    case 'step':
      return yield {
        type: 'progress',
        progress: progress.report('head', event.step, event.of, event.loss),
      }
    case 'device':
      return yield line(`Runs on ${event.device}, ${event.threads} threads: ${event.reason}.`)
    case 'data':
      for (const { images, heldOut, width, height } of event.products)
        yield line(
          `Learns from ${images} good pictures and sets thresholds on ${heldOut} others, at ${width} x ${height} pixels.`,
        )
      return undefined
    case 'comparing':
      return yield line(
        `Compares ${event.methods.join(', ')} on ${event.trainingImages} + ${event.heldOutImages} pictures, about ${Math.ceil(event.seconds)} seconds.`,
      )
    case 'chosen':
      return yield line(`Method ${event.method}: ${event.reason}.`)
    case 'resumed':
      return yield line(`Goes on at step ${event.step} of ${event.of}.`)
    case 'image-error':
      return yield line(event.message, 'error')
    case 'warning':
      return yield line(event.message, 'warning')
    default:
      return event satisfies never
  }
}

/** Passes the events of core on in our words. */
export async function* relay<T>(
  run: AsyncGenerator<TrainEvent, T>,
  material: Material,
  progress: Progress,
): AsyncGenerator<TaskEvent, T> {
  for (;;) {
    const { done, value } = await run.next()
    if (done === true) return value
    yield* tellTraining(value, progress, material)
  }
}
