/**
 * Runs a job in a process of its own, so that its peak memory is its own and a crash is not ours.
 *
 * Progress is passed on at most ten times a second.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BenchJob, BenchRow, RunJobOptions } from '@assay/core'
import type { Core } from '../core.ts'
import type { Order, Word } from './message.ts'

/** Ends with the rows, or with the fault of the run; an abort ends the process and is thrown. */
export async function runInProcess(
  core: Core,
  order: Order,
  { onProgress, onWarning, signal }: RunJobOptions,
): Promise<readonly BenchRow[]> {
  signal.throwIfAborted()
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const stop = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop)
  let complaint = ''
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (part: string) => (complaint = (complaint + part).slice(-2000)))
  try {
    return await new Promise((resolve, reject) => {
      child.on('message', (message) => {
        // `worker.ts` sends nothing else.
        const word = message as Word
        switch (word.type) {
          case 'progress':
            return onProgress(word.progress)
          case 'warning':
            return onWarning(word.message)
          case 'done':
            resolve(word.rows)
            return child.disconnect()
          case 'failed':
            reject(new core.JobFault(word.failure))
            return child.disconnect()
          default:
            return word satisfies never
        }
      })
      child.on('error', reject)
      child.on('exit', (code, ended) => {
        if (signal.aborted) reject(signal.reason as Error)
        else reject(new core.JobFault(crash(order.job, ended ?? `exit code ${code}`, complaint)))
      })
      child.send(order)
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** For a process that ended without a word. */
function crash(job: BenchJob, how: string, complaint: string) {
  const last = complaint.trim().split('\n').at(-1) ?? ''
  return {
    code: 'RUN_FAILED',
    message: `The process of ${job.identity.set} ended by ${how}${last === '' ? '' : `: ${last}`}.`,
    hint: 'SIGKILL mostly means that memory ran out: use fewer workers or a smaller profile.',
  }
}
