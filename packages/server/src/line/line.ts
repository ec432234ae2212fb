/** Runs the watches and hooks of the database; see `Line`. */
import type { BlobStore } from '../blob/index.ts'
import type { Target } from '../config.ts'
import type { Database } from '../database/index.ts'
import type { Log } from '../log.ts'
import type { Judge, Line } from '../services.ts'
import { createStores } from '../store/index.ts'
import { confineFolder } from './confine.ts'
import { startOutbox } from './outbox.ts'
import { createSender } from './target.ts'
import { startWatcher, type Watcher } from './watcher.ts'

export interface LineOptions {
  readonly database: Database
  readonly blobs: BlobStore
  readonly judge: Pick<Judge, 'inspect'>
  readonly log: Log
  readonly targets: readonly Target[]
  /** Folders below which others may be watched. */
  readonly roots: readonly string[]
  /** Of one picture. */
  readonly maxBytes: number
  /** How often folders are looked at, and how long a file must not have changed. */
  readonly lookMs?: number
  readonly settleMs?: number
  /** Wait after a message that failed once. */
  readonly firstWaitMs?: number
}

export async function startLine(options: LineOptions): Promise<Line> {
  const { database, log, targets, roots, lookMs = 1000, settleMs = 1000, firstWaitMs = 2000 } = options
  const stores = createStores(database.db)
  const senders = new Map(targets.map((target) => [target.name, createSender(target)]))
  const reachable = new Map<string, boolean>()
  const watchers = new Map<string, Watcher>()
  const outbox = startOutbox({
    database,
    log,
    senders,
    firstWaitMs,
    onSent: (target, isReachable) => reachable.set(target, isReachable),
  })
  const refresh = async (): Promise<void> => {
    const rows = await stores.watch.list()
    for (const [id, watcher] of watchers) {
      if (rows.some((row) => row.id === id)) continue
      watchers.delete(id)
      await watcher.close()
    }
    for (const watch of rows)
      if (!watchers.has(watch.id))
        watchers.set(watch.id, startWatcher({ ...options, watch, stores, roots, lookMs, settleMs }))
  }
  await refresh()
  return {
    targets: () =>
      [...senders.values()].map(({ name, kind }) => ({
        name,
        kind,
        isReachable: reachable.get(name) ?? null,
      })),
    refresh,
    confine: (folder) => confineFolder(folder, roots),
    isWatching: (watch) => watchers.has(watch),
    close: async () => {
      await Promise.all([...watchers.values()].map((watcher) => watcher.close()))
      watchers.clear()
      await outbox.close()
      await Promise.all([...senders.values()].map((sender) => sender.close()))
    },
  }
}
