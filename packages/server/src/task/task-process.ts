/** One task in a process of its own: takes an order, says how it goes, ends. Started by `run-task.ts` only. */
import type { RunOptions } from '@assay/core'
import { toFault } from '../child/fault.ts'
import { serve } from '../child/serve.ts'
import { runCalibrate } from './calibrate.ts'
import { runEvaluate } from './evaluate.ts'
import { runInspect } from './inspect.ts'
import type { TaskEvent, TaskOrder, TaskRequest, TaskResult, TaskWord } from './message.ts'
import { runTrain } from './train.ts'

const stop = new AbortController()

serve((order, say) => {
  // `run-task.ts` sends nothing else.
  const request = order as TaskRequest
  if (request.type === 'stop') return stop.abort()
  setInterval(() => say({ type: 'alive' }), 1000).unref()
  void obey(request.order, say)
})

async function obey(order: TaskOrder, say: (word: TaskWord) => void): Promise<void> {
  let last = 0
  try {
    const run = begin(order, { threads: order.threads, maxPixels: order.maxPixels, signal: stop.signal })
    for (;;) {
      const { done, value } = await run.next()
      if (done === true) return say({ type: 'done', result: value })
      // Ten times a second is as often as anybody looks.
      if (value.type === 'progress' && performance.now() - last < 100) continue
      if (value.type === 'progress') last = performance.now()
      say(value)
    }
  } catch (error) {
    say({ type: 'failed', fault: toFault(error) })
  }
}

function begin(order: TaskOrder, run: RunOptions): AsyncGenerator<TaskEvent, TaskResult> {
  switch (order.kind) {
    case 'train':
      return runTrain(order, run)
    case 'calibrate':
      return runCalibrate(order, run)
    case 'evaluate':
      return runEvaluate(order, run)
    case 'inspect':
      return runInspect(order, run)
    default:
      return order satisfies never
  }
}
