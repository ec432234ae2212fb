/** Faults as the API tells them: what an AssayError says, and of any other only that there was one. */
import { AssayError } from '@assay/contract'
import type { Problem } from '@assay/contract/api'

/** `request` is what the log knows it by: the id of a request, or of a job. */
export function toProblem(error: unknown, request: string): Problem {
  const known = error instanceof AssayError ? error : new AssayError('INTERNAL', { request })
  return {
    type: `urn:assay:error:${known.code}`,
    title: known.message,
    status: known.http,
    code: known.code,
    hint: known.hint,
    request,
  }
}
