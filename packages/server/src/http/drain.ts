/**
 * Reads on, for a moment, what a refused client still sends. One that is let go in the middle of its body sees a
 * broken connection in place of the answer that says why.
 */
import type { IncomingMessage } from 'node:http'

const mostBytes = 8 * 2 ** 20
const mostMs = 2000

/** Resolves when all has come, or more than is worth reading, or it takes too long. */
export async function drain(raw: IncomingMessage): Promise<void> {
  if (raw.complete || raw.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, mostMs)
  let bytes = 0
  const count = (part: Uint8Array): void => {
    bytes += part.length
    if (bytes > mostBytes) resolve()
  }
  raw.on('data', count)
  for (const event of ['end', 'close', 'error']) raw.once(event, resolve)
  await promise
  clearTimeout(timer)
  raw.off('data', count)
  raw.pause()
}
