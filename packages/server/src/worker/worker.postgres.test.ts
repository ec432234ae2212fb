import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs, type BlobStore } from '../blob/index.ts'
import { openDatabase, type Database } from '../database/index.ts'
import { createQueue, openDelivery, type Delivery } from '../queue/index.ts'
import type { JobQueue } from '../services.ts'
import { createStores, type Stores } from '../store/index.ts'
import { addMaterial, waitForEnd, waitForJob } from '../testing/job.ts'
import { synthesiseTaskImages } from '../testing/material.ts'
import { noPostgres, openTestPostgres, type TestPostgres } from '../testing/postgres.ts'

const postgres: TestPostgres | null = await openTestPostgres()
const leaseMs = 5000

let folder: TestFolder
let url: string
let database: Database
let delivery: Delivery
let queue: JobQueue
let stores: Stores
let blobs: BlobStore
let product: string
const workers: ChildProcess[] = []

beforeAll(async () => {
  if (postgres === null) return
  folder = await createTestFolder()
  url = await postgres.createDatabase()
  database = await openDatabase({ url })
  delivery = await openDelivery(database, () => {})
  blobs = openFolderBlobs({ folder: folder.at('blobs'), scratch: folder.at('scratch') })
  queue = createQueue({ database, delivery })
  stores = createStores(database.db)
  product = uuidv7()
  await stores.product.create(product, 'metal')
  await addMaterial(stores, blobs, product, await synthesiseTaskImages(folder.at('parts')))
})
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL')
})
afterAll(async () => {
  if (postgres === null) return
  await delivery[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Several workers of one machine share the folder of work, as several of one user do. */
async function startWorkerProcess(): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('../testing/worker-process.ts', import.meta.url))
  const child = fork(file, [url, folder.at('blobs'), folder.at('work'), String(leaseMs)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  workers.push(child)
  await new Promise((resolve) => child.once('message', resolve))
  return child
}

function train(): Promise<{ readonly id: string }> {
  const request = {
    kind: 'train',
    product,
    method: 'patchcore',
    profile: 'fast',
    seed: 1,
    aims: {},
    activate: true,
  } as const
  return queue.create(request, 'test')
}

test.skipIf(postgres === null)(
  `a worker that is killed in the middle of a training leaves it to another, and it is done once${postgres === null ? ` (${noPostgres})` : ''}`,
  async () => {
    const first = await startWorkerProcess()
    const { id } = await train()
    await waitForJob(queue, id, (job) => job.progress > 0.2)
    first.kill('SIGKILL')
    await startWorkerProcess()
    const job = await waitForEnd(queue, id)
    expect(job).toMatchObject({ status: 'done', attempt: 2 })
    expect((await stores.model.list(product)).map((model) => model.id)).toEqual([job.model])
  },
  240_000,
)

test.skipIf(postgres === null)(
  `a worker that froze and comes back cannot complete what another has taken over${postgres === null ? ` (${noPostgres})` : ''}`,
  async () => {
    const before = (await stores.model.list(product)).length
    const first = await startWorkerProcess()
    const { id } = await train()
    await waitForJob(queue, id, (job) => job.progress > 0.2)
    // Only the worker: its task goes on and will be ready when it wakes.
    first.kill('SIGSTOP')
    await startWorkerProcess()
    await waitForJob(queue, id, (job) => job.attempt === 2)
    first.kill('SIGCONT')
    const job = await waitForEnd(queue, id)
    expect(job).toMatchObject({ status: 'done', attempt: 2 })
    expect((await stores.model.list(product)).length).toBe(before + 1)
  },
  240_000,
)
