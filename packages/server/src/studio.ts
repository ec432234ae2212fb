/** Starts the studio, all of it, in the order in which its parts need each other, and stops it the other way round. */
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'
import type { FastifyInstance } from 'fastify'
import { uuidv7 } from 'uuidv7'
import { openBlobs } from './blob/index.ts'
import type { Config } from './config.ts'
import { lockFolder, openDatabase } from './database/index.ts'
import { createDoctor } from './doctor/index.ts'
import { startHousekeeping } from './housekeeping.ts'
import { createApp } from './http/index.ts'
import { createJudge } from './judge/index.ts'
import { startLine } from './line/index.ts'
import type { Log } from './log.ts'
import { findPage } from './page/build.ts'
import { createPictures } from './picture/index.ts'
import { createQueue, openDelivery } from './queue/index.ts'
import { createStores, type Stores } from './store/index.ts'
import { startWorker } from './worker/index.ts'

export interface StudioOptions {
  readonly config: Config
  readonly log: Log
  readonly env: Readonly<Record<string, string | undefined>>
  /** Stops a start that is under way. */
  readonly signal?: AbortSignal
}

export interface Studio extends AsyncDisposable {
  /** Where it listens. */
  readonly address: string
  /** Opens the page signed in as an admin. */
  readonly link: string
  /** What stands after the # of the link: a token of the role admin. */
  readonly token: string
  /** Whether there is a page. */
  readonly hasPage: boolean
}

/** Where a running studio says how to reach it; only its user may read it. */
export const runningName = 'running.json'

const linkName = 'sign-in link'
const linkDays = 7
/** After which requests that still run are cut off. */
const graceMs = 15_000

/** Throws FOLDER_IN_USE, DATABASE_UNREACHABLE, ADDRESS_IN_USE. What was started is stopped again then. */
export async function startStudio({ config, log, env, signal }: StudioOptions): Promise<Studio> {
  await using stack = new AsyncDisposableStack()
  const { folder, limits, threads } = config
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (config.databaseUrl !== null) {
    const lock = await lockFolder(folder)
    stack.defer(() => lock.release())
  }
  const place = config.databaseUrl === null ? { folder } : { url: config.databaseUrl }
  const database = stack.use(await openDatabase(place))
  // Nobody else has the folder: what lies there was left by a start before.
  await rm(config.scratch, { recursive: true, force: true })
  await mkdir(config.scratch, { recursive: true })
  const blobs = openBlobs(config, env)
  const stores = createStores(database.db)

  const maxPixels = limits.pixels
  const pictures = createPictures({ maxPixels })
  stack.defer(() => pictures.close())
  const judge = createJudge({
    database,
    blobs,
    log,
    folder: config.scratch,
    processes: config.judges,
    threads,
    openModels: config.openModels,
    waiting: limits.waiting,
    maxPixels,
  })
  stack.defer(() => judge.close())
  const doctor = createDoctor({ database, blobs, log, folder: config.cache, maxPixels, threads })
  const delivery = stack.use(
    await openDelivery(database, (error) => log.error('the queue failed', { error })),
  )
  const queue = createQueue({ database, delivery })
  if (config.parallel > 0) {
    const worker = await startWorker({
      database,
      delivery,
      blobs,
      log,
      folder: config.work,
      parallel: config.parallel,
      threads,
      maxPixels,
      isAlone: database.kind === 'embedded',
      warm: (model) => judge.open(model),
    })
    stack.defer(() => worker.close())
  }
  const { targets, watchRoots: roots } = config
  const maxBytes = limits.pictureBytes
  const line = await startLine({ database, blobs, judge, log, targets, roots, maxBytes })
  stack.defer(() => line.close())

  const page = await findPage({ cache: config.cache, log, signal })
  const backupKey = randomBytes(32).toString('base64url')
  const services = { database, blobs, stores, queue, judge, doctor, pictures, line, config, log }
  const app = await createApp(services, { page, backupKey })
  stack.defer(() => closeGently(app, log))
  signal?.throwIfAborted()
  const address = await listen(app, config)

  const housekeeping = startHousekeeping({ stores, blobs, log })
  stack.defer(() => housekeeping.close())
  const running = join(folder, runningName)
  await writeFile(running, JSON.stringify({ address, backupKey }), { mode: 0o600 })
  stack.defer(() => rm(running, { force: true }))
  const token = await createLink(stores)
  log.info('the studio runs', { address, database: database.kind })
  const started = stack.move()
  return {
    address,
    link: `${address}/sign-in#${token}`,
    token,
    hasPage: page !== null,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** A link of this start. Those of earlier starts that nobody used end; a used one is somebody's way in. */
async function createLink({ access }: Stores): Promise<string> {
  await access.revokeUnused(linkName)
  const expiresAt = new Date(Date.now() + linkDays * 86_400_000)
  return (await access.createToken({ id: uuidv7(), name: linkName, role: 'admin', expiresAt })).token
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new AssayError(
      'ADDRESS_IN_USE',
      { address: `${host}:${port}`, reason: reasonOf(error) },
      { cause: error },
    )
  }
  const bound = app.server.address()
  const used = typeof bound === 'object' && bound !== null ? bound.port : port
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${used}`
}

/** Lets requests finish, but not for ever. */
async function closeGently(app: FastifyInstance, log: Log): Promise<void> {
  const timer = setTimeout(() => {
    log.warning('requests that would not end were cut off')
    app.server.closeAllConnections()
  }, graceMs)
  await app.close()
  clearTimeout(timer)
}
