/**
 * Runs the command in this process: signals, broken pipes and exit codes.
 *
 * The exit code is set and the process ends by itself, so that everything written arrives.
 */
import manifest from '../package.json' with { type: 'json' }
import { loadCore } from './core.ts'
import { run } from './run.ts'
import { listenForSignals } from './signal.ts'

const interrupted = 130

export async function main(): Promise<void> {
  const controller = new AbortController()
  const signals = listenForSignals(process, controller, {
    onStop: () => {
      if (process.stderr.isTTY) process.stderr.write('\nStopping. Press Ctrl-C again to end at once.\n')
    },
  })
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever read this has gone, as in "assay inspect ... | head": end quietly.
      if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(0)
      throw error
    })
  }
  const code = await run({
    argv: process.argv.slice(2),
    version: manifest.version,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: controller.signal,
    now: () => performance.now(),
    loadCore,
  })
  // A stop by SIGTERM is 143 and by SIGHUP 129; a run that finished all the same keeps its own code.
  process.exitCode = code === interrupted ? (signals.exitCode() ?? code) : code
  signals.close()
}
