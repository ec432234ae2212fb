/** One run in a process of its own: takes an order, says how it goes, ends. Started by `process.ts` only. */
import { loadCore } from '../core.ts'
import type { Order, Word } from './message.ts'
import { runJob } from './run-job.ts'

// Whoever gave the order has gone, so nobody would hear of the result.
process.on('disconnect', () => process.exit(1))
// `process.ts` sends nothing else.
process.once('message', (order) => void obey(order as Order))

async function obey({ job, out }: Order): Promise<void> {
  const core = await loadCore()
  try {
    const rows = await runJob(core, job, out, {
      onProgress: (progress) => say({ type: 'progress', progress }),
      onWarning: (message) => say({ type: 'warning', message }),
      // It is ended by a signal of the system; what a training has reached stays for a resume.
      signal: new AbortController().signal,
    })
    say({ type: 'done', rows })
  } catch (error) {
    say({ type: 'failed', failure: core.toFailure(error) })
  }
}

function say(word: Word): void {
  process.send?.(word)
}
