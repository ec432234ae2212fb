/** The page's side of the worker: calls that return promises. */
import type { TrainEvent } from '@assay/core/browser'
import type { CallName, Calls, Fault, FromWorker, ToWorker } from './message.ts'

/** An error of the worker, as the table of errors words it; `code` is null for a fault of ours. */
export class WorkerFault extends Error {
  readonly code: string | null
  readonly hint: string

  constructor({ code, message, hint }: Fault) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

interface CallOptions {
  readonly signal?: AbortSignal
  readonly onEvent?: (event: TrainEvent) => void
}

/** A worker with Assay in it. Disposing ends it, whatever it is doing. */
export interface Client extends Disposable {
  /** Rejects with a WorkerFault. */
  call<Name extends CallName>(
    name: Name,
    takes: Calls[Name]['takes'],
    options?: CallOptions,
  ): Promise<Calls[Name]['gives']>
}

interface Waiting {
  readonly resolve: (gives: unknown) => void
  readonly reject: (fault: Error) => void
  readonly onEvent: ((event: TrainEvent) => void) | undefined
}

export function startClient(): Client {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, Waiting>()
  let calls = 0
  const failAll = (message: string): void => {
    for (const { reject } of waiting.values()) reject(new WorkerFault({ code: null, message, hint: '' }))
    waiting.clear()
  }
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    const caller = waiting.get(data.call)
    if (data.type === 'event') {
      caller?.onEvent?.(data.event)
      return
    }
    waiting.delete(data.call)
    if (data.type === 'done') caller?.resolve(data.gives)
    else caller?.reject(new WorkerFault(data.fault))
  })
  worker.addEventListener('error', ({ message }) => failAll(message || 'The worker could not be loaded.'))
  const post = (message: ToWorker): void => worker.postMessage(message, [])
  return {
    call(name, takes, { signal, onEvent } = {}) {
      const call = calls++
      // The worker answers each call with what its name gives.
      const answer = new Promise<never>((resolve, reject) => {
        waiting.set(call, { resolve: resolve as (gives: unknown) => void, reject, onEvent })
      })
      signal?.addEventListener('abort', () => post({ type: 'stop', call }), { once: true })
      post({ type: 'call', call, name, takes } as ToWorker)
      return answer
    },
    [Symbol.dispose]() {
      worker.terminate()
      failAll('The element was removed from the page.')
    },
  }
}
