/**
 * Ctrl-C and its relatives: the first asks for an orderly stop, the second ends at once.
 *
 * A terminal sends Ctrl-C to every process in front, and the launcher forwards what it gets, so one
 * keystroke may arrive twice within a moment; that still counts as one.
 */

/** What of `process` is used here. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  exit(code: number): unknown
}

export interface SignalWatch {
  /** 128 plus the number of the signal that came, or undefined. */
  exitCode(): number | undefined
  close(): void
}

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
const sameKeystrokeMs = 250

export interface SignalOptions {
  /** Called on the first signal, when the run is asked to stop. */
  readonly onStop?: () => void
  readonly now?: () => number
}

/** Aborts `controller` on the first signal and leaves on the second. */
export function listenForSignals(
  source: SignalSource,
  controller: AbortController,
  options: SignalOptions = {},
): SignalWatch {
  const { onStop, now = () => performance.now() } = options
  let first: { readonly code: number; readonly at: number } | undefined
  const listener = (signal: NodeJS.Signals): void => {
    const code = signal === 'SIGTERM' || signal === 'SIGHUP' ? codes[signal] : codes.SIGINT
    if (first === undefined) {
      first = { code, at: now() }
      onStop?.()
      controller.abort()
    } else if (now() - first.at > sameKeystrokeMs) {
      source.exit(code)
    }
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) source.on(name, listener)
  return {
    exitCode: () => first?.code,
    close: () => {
      for (const name of names) source.off(name, listener)
    },
  }
}
