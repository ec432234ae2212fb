/**
 * A process of ours beside the server: typed words to and fro, and how it ended. Whatever decodes pictures or runs
 * models lives in one, so that no file can take the server down.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ending } from './ending.ts'

export interface Child<Order> {
  readonly pid: number
  /** Of no effect when the process has ended. */
  send(order: Order): void
  /** Ends it at once. */
  kill(): void
  readonly ended: Promise<Ending>
}

/** Starts `file`, whose words come as they are: both sides are ours, and the caller knows what they mean. */
export function openChild<Order>(file: URL, onWord: (word: unknown) => void): Child<Order> {
  const child = fork(fileURLToPath(file), [], {
    execArgv: [],
    env: childEnvironment(process.env),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const complaint = collectTail(child)
  child.on('message', onWord)
  const ended = new Promise<Ending>((resolve) => {
    child.on('error', (error) =>
      resolve({ exitCode: null, signal: null, complaint: `${complaint()}\n${error.message}` }),
    )
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, complaint: complaint() }))
  })
  return {
    pid: child.pid ?? 0,
    // A message to a process that is just ending fails; `ended` tells what there is to tell.
    send: (order) => void (child.connected && child.send(order as object, () => {})),
    kill: () => void child.kill('SIGKILL'),
    ended,
  }
}

/** What is secret in the server's environment is none of its children's business. */
function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSecret = (name: string): boolean =>
    name === 'DATABASE_URL' || /^(?:PG|AWS_|ASSAY_S3_)/.test(name) || /SECRET|PASSWORD|TOKEN/i.test(name)
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isSecret(name)))
}

function collectTail(child: ChildProcess): () => string {
  let tail = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (tail = (tail + part).slice(-4000)))
  return () => tail
}
