/**
 * Runs a task in a process of its own. The ways in which it can end badly are told apart: the task says why it
 * failed, its process breaks down, memory runs out, or it gives no sign of life.
 */
import { AssayError } from '@assay/contract'
import { openChild } from '../child/child.ts'
import { explainEnding } from '../child/ending.ts'
import { fromFault } from '../child/fault.ts'
import type { TaskEvent, TaskOrder, TaskRequest, TaskResult, TaskWord } from './message.ts'

export interface RunTaskOptions {
  readonly onEvent: (event: TaskEvent) => void
  /** On an abort the task is asked to stop, and ended if it does not. */
  readonly signal: AbortSignal
  /** Without a word for so long it is ended; native code and long loops are silent, so it is minutes. */
  readonly silenceMs?: number
  /** How long it has to stop when asked. */
  readonly graceMs?: number
  readonly onStart?: (pid: number) => void
}

const what = {
  train: 'the training',
  calibrate: 'the calibration',
  evaluate: 'the evaluation',
  inspect: 'the inspections',
}

/** Throws what the task threw, TASK_CRASHED, TASK_OUT_OF_MEMORY or TASK_SILENT, or the reason of the abort. */
export async function runTask(order: TaskOrder, options: RunTaskOptions): Promise<TaskResult> {
  const { onEvent, signal, silenceMs = 600_000, graceMs = 10_000, onStart } = options
  signal.throwIfAborted()
  let outcome: { result: TaskResult } | { error: Error } | null = null
  let silence: NodeJS.Timeout | null = null
  let grace: NodeJS.Timeout | null = null
  const child = openChild<TaskRequest>(new URL('task-process.ts', import.meta.url), (said) => {
    // `task-process.ts` sends nothing else.
    const word = said as TaskWord
    silence?.refresh()
    switch (word.type) {
      case 'alive':
        return
      case 'progress':
      case 'line':
        return onEvent(word)
      case 'done':
        outcome = { result: word.result }
        return child.kill()
      case 'failed':
        outcome = { error: fromFault(word.fault) }
        return child.kill()
      default:
        return word satisfies never
    }
  })
  onStart?.(child.pid)
  silence = setTimeout(() => {
    outcome ??= {
      error: new AssayError('TASK_SILENT', { what: what[order.kind], seconds: silenceMs / 1000 }),
    }
    child.kill()
  }, silenceMs)
  const stop = (): void => {
    child.send({ type: 'stop' })
    grace = setTimeout(() => child.kill(), graceMs)
  }
  signal.addEventListener('abort', stop)
  try {
    child.send({ type: 'start', order })
    const ending = await child.ended
    signal.throwIfAborted()
    const found = outcome as { result: TaskResult } | { error: Error } | null
    if (found === null) throw explainEnding(ending, what[order.kind])
    if ('error' in found) throw found.error
    return found.result
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(silence)
    if (grace !== null) clearTimeout(grace)
  }
}
