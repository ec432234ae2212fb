/** What went wrong with a request, as the page shows it: what is wrong, and what to do. */
import type { Problem } from '@assay/contract/api'

/** Raised by every request that did not succeed; screens show its words. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: string
  readonly hint: string
  /** Of the answer; 0 when there was none. */
  readonly status: number

  constructor(message: string, hint: string, code: string, status: number) {
    super(message)
    this.code = code
    this.hint = hint
    this.status = status
  }
}

/** The fault of an answer that is not 2xx. */
export async function faultOfResponse(response: Response): Promise<Fault> {
  const text = await response.text()
  try {
    const value: unknown = JSON.parse(text)
    // The server answers every fault with a problem; a proxy between may not.
    if (typeof value === 'object' && value !== null && 'title' in value) {
      const { title, hint, code, status } = value as Problem
      return new Fault(title, hint, code, status)
    }
  } catch {
    // Not JSON: the status is all there is.
  }
  return new Fault(
    `The server answered ${response.status}.`,
    'Try again in a moment.',
    'HTTP',
    response.status,
  )
}

export function unreachable(): Fault {
  return new Fault('The studio does not answer.', 'The page goes on by itself when it is back.', 'OFFLINE', 0)
}

export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault(error instanceof Error ? error.message : String(error), '', 'PAGE', 0)
}
