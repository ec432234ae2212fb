/**
 * Short messages between the processes on one database, by LISTEN and NOTIFY.
 *
 * A message sent in a transaction arrives when it is committed, and never otherwise. One may be lost while a
 * connection is made anew: `onGap` says so, and listeners look at the tables themselves.
 */
import { sql } from 'kysely'
import type { Db } from './open.ts'

export type BusMessage =
  | { readonly topic: 'job'; readonly job: string }
  | { readonly topic: 'line'; readonly job: string; readonly number: number }
  | { readonly topic: 'cancel'; readonly job: string }
  | { readonly topic: 'product'; readonly product: string }
  | { readonly topic: 'outbox' }
  | { readonly topic: 'watch' }

export interface Bus {
  /** Calls `hear` for each message until the answer is called. `onGap`: some may have been missed. */
  subscribe(hear: (message: BusMessage) => void, onGap?: () => void): () => void
}

/** The one channel. */
export const channel = 'assay'

/** `db` is the transaction that the message belongs to, or the database. */
export async function notify(db: Db, message: BusMessage): Promise<void> {
  await sql`select pg_notify(${channel}, ${JSON.stringify(message)})`.execute(db)
}

export interface BusSource extends Bus {
  readonly hear: (payload: string) => void
  readonly gap: () => void
}

/** The listeners; whoever holds the connection calls `hear` and `gap`. */
export function createBus(): BusSource {
  const listeners = new Set<{ hear: (message: BusMessage) => void; onGap: (() => void) | undefined }>()
  return {
    subscribe: (hear, onGap) => {
      const listener = { hear, onGap }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    hear: (payload) => {
      // Only `notify` writes to the channel.
      const message = JSON.parse(payload) as BusMessage
      for (const { hear } of listeners) hear(message)
    },
    gap: () => {
      for (const { onGap } of listeners) onGap?.()
    },
  }
}
