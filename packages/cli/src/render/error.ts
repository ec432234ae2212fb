/**
 * Shows an error: what is wrong, then what to do, on stderr; with --json the same as a document on stdout.
 *
 * A stack trace appears only with ASSAY_DEBUG=1.
 */
import { AssayError, reasonOf } from '@assay/contract'
import type { Host } from '../host.ts'
import { toOutputError } from '../output/output-error.ts'
import { createPaint, printable } from './text.ts'

export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly exit: number
}

/** An interruption that says how to go on. */
export class Interruption extends Error {
  readonly what: string
  readonly hint: string

  constructor(what: string, hint: string, options: { readonly cause?: unknown } = {}) {
    super(`${what} was stopped.`, options)
    this.what = what
    this.hint = hint
  }
}

/** Prints the error and returns the exit code. */
export function reportError(error: unknown, host: Host, { isJson }: { readonly isJson: boolean }): number {
  const { code, message, hint, exit } = describeError(error)
  const paint = createPaint(host.stderr, host.env)
  host.stderr.write(`${paint('red', 'error:')} ${printable(message)}\n       ${printable(hint)}\n`)
  if (host.env['ASSAY_DEBUG'] === '1') host.stderr.write(`${traceOf(error)}\n`)
  if (isJson) host.stdout.write(`${JSON.stringify({ error: { code, message, hint } })}\n`)
  return exit
}

/** Code, sentence, remedy and exit code of anything that was thrown. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof Interruption)
    return ofAssayError(new AssayError('INTERRUPTED', { what: error.what }), error.hint)
  if (error instanceof AssayError) return ofAssayError(error, error.hint)
  if (isAbort(error)) {
    return ofAssayError(new AssayError('INTERRUPTED', { what: 'The run' }), 'Run the same command again.')
  }
  const output = toOutputError(error)
  if (output !== null) return ofAssayError(output, output.hint)
  return {
    code: 'INTERNAL',
    message: `Something went wrong that should not: ${reasonOf(error)}.`,
    hint: 'This is a fault of Assay. Run it again with ASSAY_DEBUG=1 and report what it prints.',
    exit: 70,
  }
}

/** Whether this is how work ends after the signal was aborted. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error instanceof AssayError && error.code === 'INTERRUPTED'))
  )
}

function ofAssayError(error: AssayError, hint: string): ErrorReport {
  return { code: error.code, message: error.message, hint, exit: error.exit }
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${traceOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
