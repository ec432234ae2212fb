/** Why a file could not be used, for a finding that shows its path beside it. */
import { AssayError, reasonOf } from '@assay/contract'

/** The reason alone, without the path. Anything but a fault of the file is passed on. */
export function toReason(error: unknown): string {
  if (!(error instanceof AssayError)) throw error
  const params: unknown = error.params
  return typeof params === 'object' && params !== null && 'reason' in params
    ? String(params.reason)
    : reasonOf(error)
}
