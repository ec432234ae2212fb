/** Faults on their way between processes: an AssayError arrives as one, anything else as a plain error. */
import { AssayError, errorTable, type ErrorCode } from '@assay/contract'

export type Fault =
  | { readonly code: ErrorCode; readonly params: unknown }
  | { readonly code: null; readonly message: string; readonly stack: string | undefined }

export function toFault(error: unknown): Fault {
  if (error instanceof AssayError) return { code: error.code, params: error.params }
  if (error instanceof Error) return { code: null, message: error.message, stack: error.stack }
  return { code: null, message: String(error), stack: undefined }
}

export function fromFault(fault: Fault): Error {
  if (fault.code !== null && Object.hasOwn(errorTable, fault.code)) {
    // `toFault` took them from an AssayError of this code.
    return new AssayError(fault.code, fault.params as never)
  }
  const { message, stack } = fault as Extract<Fault, { code: null }>
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
