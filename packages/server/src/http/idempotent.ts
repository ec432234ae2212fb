/** Runs a request with an idempotency key once, and answers its repetitions with the same. */
import { createHash } from 'node:crypto'
import { AssayError } from '@assay/contract'
import type { FastifyRequest } from 'fastify'
import type { Identity, Stores } from '../store/index.ts'

export interface Given {
  readonly status: number
  readonly response: unknown
}

export interface Repeatable extends Given {
  /** It is the answer to an earlier request. */
  readonly isRepeated: boolean
}

export interface RunOnceOptions {
  readonly store: Stores['idempotency']
  /** See `Claim`. */
  readonly run: string
  readonly newId: () => string
}

/** `work` gets the id for what it makes. A fault is kept too, unless a repetition may fare better. */
export async function runOnce(
  request: FastifyRequest,
  who: Identity | null,
  options: RunOnceOptions,
  work: (id: string) => Promise<Given>,
): Promise<Repeatable> {
  const { store, run, newId } = options
  const header = request.headers['idempotency-key']
  if (header === undefined || who === null) return { ...(await work(newId())), isRepeated: false }
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header))
    throw new AssayError('REQUEST_INVALID', {
      where: 'idempotency-key',
      reason: 'it is 1 to 200 visible ASCII characters',
    })
  const claim = { token: who.token, key: header }
  const { subject, answer } = await store.claim({
    ...claim,
    fingerprint: fingerprintOf(request),
    subject: newId(),
    run,
  })
  if (answer !== null) return { ...answer, isRepeated: true }
  let given: Given
  try {
    given = await work(subject)
  } catch (error) {
    await store.release(claim)
    throw error
  }
  await store.finish(claim, given)
  return { ...given, isRepeated: false }
}

/** Of an upload the length stands for the body, which is read only once. */
function fingerprintOf({ method, url, body, headers }: FastifyRequest): string {
  const content = body === undefined ? (headers['content-length'] ?? '') : JSON.stringify(body)
  return createHash('sha256').update(`${method} ${url}\n${content}`).digest('hex')
}
