/** Why a child process ended before it answered, as an error that says what to do. */
import { AssayError } from '@assay/contract'

export interface Ending {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** The last it wrote to stderr. */
  readonly complaint: string
}

/** What V8, the C++ library and Node say when they get no memory. */
const memoryWords =
  /heap out of memory|bad_alloc|Failed to allocate memory|ERR_MEMORY_ALLOCATION|Cannot allocate/i

/**
 * `what` is the work, as in "the training". SIGKILL that was not ours comes from the system, which sends it where
 * memory runs out; somebody at a keyboard is the rarer case.
 */
export function explainEnding({ exitCode, signal, complaint }: Ending, what: string): AssayError {
  if (signal === 'SIGKILL' || memoryWords.test(complaint))
    return new AssayError('TASK_OUT_OF_MEMORY', { what })
  const last = complaint.trim().split('\n').at(-1) ?? ''
  const how = signal ?? `exit code ${exitCode ?? 'none'}`
  return new AssayError('TASK_CRASHED', { what, how: last === '' ? how : `${how}, ${last}` })
}
