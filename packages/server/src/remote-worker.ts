/** `assay worker`: takes jobs of a studio with a Postgres, on this or another machine. */
import { mkdir } from 'node:fs/promises'
import { openBlobs } from './blob/index.ts'
import type { Config } from './config.ts'
import { openDatabase } from './database/index.ts'
import type { Log } from './log.ts'
import { openDelivery } from './queue/index.ts'
import { startWorker } from './worker/index.ts'

export interface RemoteWorkerOptions {
  /** With the address of a Postgres. */
  readonly config: Config & { readonly databaseUrl: string }
  readonly log: Log
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Throws DATABASE_UNREACHABLE. */
export async function startRemoteWorker({ config, log, env }: RemoteWorkerOptions): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const { limits, threads, parallel } = config
  await mkdir(config.scratch, { recursive: true, mode: 0o700 })
  const database = stack.use(await openDatabase({ url: config.databaseUrl }))
  const blobs = openBlobs(config, env)
  const delivery = stack.use(
    await openDelivery(database, (error) => log.error('the queue failed', { error })),
  )
  const worker = await startWorker({
    database,
    delivery,
    blobs,
    log,
    folder: config.work,
    parallel,
    threads,
    maxPixels: limits.pixels,
  })
  stack.defer(() => worker.close())
  log.info('the worker waits for jobs', { parallel })
  return stack.move()
}
