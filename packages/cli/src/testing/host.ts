/** A host in memory: what was printed can be looked at, the clock stands still unless moved. */
import type { Core } from '../core.ts'
import type { RunHost } from '../run.ts'
import { run } from '../run.ts'

export interface TestHost extends RunHost {
  readonly printed: { out: string; err: string }
  readonly clock: { ms: number }
  readonly controller: AbortController
}

export interface TestHostOptions {
  readonly core?: Core
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Whether stderr is a terminal. */
  readonly isTerminal?: boolean
}

export function createTestHost(argv: readonly string[], options: TestHostOptions = {}): TestHost {
  const printed = { out: '', err: '' }
  const clock = { ms: 0 }
  const controller = new AbortController()
  const { core, env = {}, isTerminal = false } = options
  return {
    argv,
    version: '1.2.3',
    printed,
    clock,
    controller,
    stdout: { write: (text) => (printed.out += text) },
    stderr: { write: (text) => (printed.err += text), isTTY: isTerminal, columns: 80 },
    env,
    signal: controller.signal,
    now: () => clock.ms,
    loadCore: () => {
      if (core === undefined) throw new Error('internal: this test has no library')
      return Promise.resolve(core)
    },
  }
}

/** Runs the command with these words and returns what came of it. */
export async function runCommandLine(argv: readonly string[], options: TestHostOptions = {}) {
  const host = createTestHost(argv, options)
  const code = await run(host)
  return { code, out: host.printed.out, err: host.printed.err }
}
