/**
 * Cuts off clients that send so slowly that they only hold a place: fewer bytes than the limit over a while.
 *
 * Measured at the socket, so that it holds for bodies of every kind.
 */
import { AssayError } from '@assay/contract'
import type { FastifyRequest } from 'fastify'
import type { Limits } from '../config.ts'

export interface RateWatch {
  /** Rejects with UPLOAD_TOO_SLOW; otherwise it stays open. */
  readonly tooSlow: Promise<never>
  stop(): void
}

export function watchRate(
  { raw }: FastifyRequest,
  { bytesPerSecond, patienceMs }: Pick<Limits, 'bytesPerSecond' | 'patienceMs'>,
): RateWatch {
  const { promise, reject } = Promise.withResolvers<never>()
  // Whoever does not wait for it any more need not hear of it.
  promise.catch(() => {})
  let before = raw.socket.bytesRead
  const timer = setInterval(() => {
    const now = raw.socket.bytesRead
    const isSlow = now - before < (bytesPerSecond * patienceMs) / 1000
    before = now
    // While nobody reads, it is this side that is slow.
    if (!isSlow || raw.complete || raw.isPaused()) return
    clearInterval(timer)
    reject(new AssayError('UPLOAD_TOO_SLOW', { limit: bytesPerSecond }))
  }, patienceMs)
  timer.unref()
  return { tooSlow: promise, stop: () => clearInterval(timer) }
}
