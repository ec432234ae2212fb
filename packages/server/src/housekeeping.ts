/** What is done once in a while: forget what has expired, and throw away files that nothing names. */
import { sweepBlobs, type BlobStore } from './blob/index.ts'
import type { Log } from './log.ts'
import type { Stores } from './store/index.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A deleted picture can be restored so long. */
const keepDeletedMs = 30 * dayMs
/** A request can be repeated with its idempotency key so long. */
const keepAnswersMs = dayMs
/** A file may lie without a row that names it so long. */
const keepUnnamedMs = dayMs

export interface HousekeepingOptions {
  readonly stores: Stores
  readonly blobs: BlobStore
  readonly log: Log
}

export function startHousekeeping({ stores, blobs, log }: HousekeepingOptions): { close(): Promise<void> } {
  const stop = new AbortController()
  const clean = async (): Promise<void> => {
    const now = Date.now()
    try {
      await stores.access.purge(new Date(now))
      await stores.idempotency.purge(new Date(now - keepAnswersMs))
      const pictures = await stores.image.purge(new Date(now - keepDeletedMs))
      const files = await sweepBlobs({
        blobs,
        references: stores.reference,
        before: new Date(now - keepUnnamedMs),
        signal: stop.signal,
      })
      if (pictures + files > 0) log.info('cleaned up', { pictures, files })
    } catch (error) {
      if (!stop.signal.aborted) log.error('cleaning up failed', { error })
    }
  }
  let running = clean()
  const timer = setInterval(() => {
    running = running.then(clean)
  }, hourMs)
  timer.unref()
  return {
    close: async () => {
      stop.abort()
      clearInterval(timer)
      await running
    },
  }
}
