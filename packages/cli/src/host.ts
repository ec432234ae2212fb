/** What a command gets from the process it runs in, so that tests can give it something else. */
import type { Core } from './core.ts'

export interface TextOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Host {
  /** The words after `assay`. */
  readonly argv: readonly string[]
  /** Results go here. */
  readonly stdout: TextOutput
  /** Progress, logs and errors go here. */
  readonly stderr: TextOutput
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** The library, loaded when a command needs it. */
  readonly loadCore: () => Promise<Core>
}

/** Exit codes of runs that ended on their own. */
export const exitCodes = {
  done: 0,
  /** With --fail-on: an image is a defect; none is, but one is unsure. */
  defect: 1,
  unsure: 2,
  /** Some images failed; the others are done. As EX_DATAERR of sysexits.h. */
  someFailed: 65,
  /** `assay check`: a device is too far from the CPU. As EX_UNAVAILABLE. */
  parityFailed: 69,
} as const
