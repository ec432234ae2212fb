/**
 * Sends the messages of the outbox until they are confirmed: at once, then after 2, 4, 8 seconds and so on up to an
 * hour. A message may arrive twice, when the confirmation is lost; its id tells.
 */
import { reasonOf } from '@assay/contract'
import type { Database } from '../database/index.ts'
import type { Log } from '../log.ts'
import { createStores } from '../store/index.ts'
import type { Message } from '../store/outbox.ts'
import type { Sender } from './target.ts'

export interface OutboxOptions {
  readonly database: Database
  readonly log: Log
  readonly senders: ReadonlyMap<string, Sender>
  /** Of each attempt: how it went. */
  readonly onSent: (target: string, isReachable: boolean) => void
  /** Wait after the first failure. */
  readonly firstWaitMs: number
}

export interface Outbox {
  close(): Promise<void>
}

const most = 20
const holdMs = 60_000
const lookMs = 2000
const longestWaitMs = 3_600_000

export function startOutbox(options: OutboxOptions): Outbox {
  const { database, log } = options
  const stores = createStores(database.db)
  let isClosed = false
  let running: Promise<void> | null = null
  let isAskedAgain = false
  const sendAll = async (): Promise<void> => {
    for (;;) {
      if (isClosed) return
      const messages = await stores.outbox.take(most, holdMs)
      if (messages.length === 0) return
      await Promise.all(messages.map((message) => deliver(message)))
    }
  }
  const deliver = async (message: Message): Promise<void> => {
    const { id, hook, target, attempts, product, inspection } = message
    try {
      const sender = options.senders.get(target)
      if (sender === undefined) throw new Error(`the server is not configured with "${target}" any more`)
      await sender.send(id, JSON.stringify({ type: 'inspection', product, inspection }))
      options.onSent(target, true)
      await stores.outbox.settle(id, hook)
    } catch (error) {
      options.onSent(target, false)
      const waitMs = Math.min(longestWaitMs, options.firstWaitMs * 2 ** Math.min(attempts, 20))
      await stores.outbox.postpone(id, hook, waitMs, reasonOf(error))
    }
  }
  const look = (): void => {
    if (isClosed) return
    if (running !== null) {
      isAskedAgain = true
      return
    }
    running = sendAll()
      .catch((error: unknown) => log.warning('cannot send messages', { error }))
      .finally(() => {
        running = null
        if (!isAskedAgain) return
        isAskedAgain = false
        look()
      })
  }
  const unsubscribe = database.bus.subscribe(({ topic }) => {
    if (topic === 'outbox') look()
  }, look)
  const timer = setInterval(look, Math.min(lookMs, options.firstWaitMs))
  look()
  return {
    close: async () => {
      isClosed = true
      unsubscribe()
      clearInterval(timer)
      await running
    },
  }
}
