/** The child's side of a pool: answers one request after the other. */
import { toFault } from './fault.ts'
import type { PoolOrder, PoolWord } from './pool.ts'
import { serve } from './serve.ts'

export function answer<Reply>(work: (request: never) => Promise<Reply>): void {
  serve((order, send) => {
    const say = (word: PoolWord<Reply>): void => send(word)
    // A pool sends nothing else, and of the kind that its process was written for.
    void work((order as PoolOrder<never>).request).then(
      (reply) => say({ type: 'reply', reply }),
      (error: unknown) => say({ type: 'fault', fault: toFault(error) }),
    )
  })
}
