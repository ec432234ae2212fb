/** Runs the command as a user does: as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../packages/cli/bin/assay.js', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** Resolves when stderr has said this, or has ended. */
  said(words: string): Promise<void>
}

/** Starts `assay` with these words. Colours are off whatever runs the tests. */
export function startAssay(...words: readonly string[]): Running {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
  const child = spawn(process.execPath, [launcher, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  const wait = async (): Promise<Finished> => {
    const [out, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')])
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, out, err }
  }
  const finished = wait()
  const said = async (words: string): Promise<void> => {
    while (!err.includes(words) && !child.stderr.readableEnded) {
      await Promise.race([once(child.stderr, 'data'), finished])
    }
  }
  return { child, finished, said }
}

export function assay(...words: readonly string[]): Promise<Finished> {
  return startAssay(...words).finished
}
