/**
 * Changes of jobs as they happen, whichever process makes them. A message only says that something changed; what it
 * is now is read from the table, so that many changes become one and none that counts is missed.
 */
import type { Database } from '../database/index.ts'
import type { JobChange } from '../services.ts'
import { createStores } from '../store/index.ts'

/** See `JobQueue.watch`. */
export async function* watchJobs(
  { db, bus }: Database,
  { job: only }: { readonly job?: string },
  after = 0,
  signal?: AbortSignal,
): AsyncGenerator<JobChange, void> {
  const stores = createStores(db)
  const changed = new Set<string>()
  let hasGap = false
  let wake = (): void => {}
  const unsubscribe = bus.subscribe(
    (message) => {
      if (message.topic !== 'job' && message.topic !== 'line') return
      if (only !== undefined && message.job !== only) return
      changed.add(message.job)
      wake()
    },
    () => {
      hasGap = true
      wake()
    },
  )
  const stop = (): void => wake()
  signal?.addEventListener('abort', stop)
  let line = after
  const show = async function* (id: string): AsyncGenerator<JobChange, void> {
    // Lines first: who sees that the job has ended has seen them all.
    const job = await stores.job.read(id).catch(() => null)
    if (only !== undefined) {
      for (const next of await stores.job.lines(id, line)) {
        line = next.number
        yield { type: 'log', line: next }
      }
    }
    if (job !== null) yield { type: 'job', job }
  }
  try {
    if (only !== undefined) {
      yield { type: 'job', job: await stores.job.read(only) }
      yield* show(only)
    }
    for (;;) {
      if (signal?.aborted === true) return
      if (hasGap) {
        hasGap = false
        const { items } = await stores.job.list({ limit: 100 })
        for (const { id } of items) if (only === undefined || id === only) changed.add(id)
      }
      const ids = [...changed]
      changed.clear()
      for (const id of ids) yield* show(id)
      // What came while the last ones were shown is in the set, and nothing was awaited since it was looked at.
      if (changed.size > 0 || hasGap) continue
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal?.aborted === true) resolve()
      })
    }
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', stop)
  }
}
