import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { readdir } from 'node:fs/promises'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs, type BlobStore } from '../blob/index.ts'
import { openDatabase, type Database } from '../database/index.ts'
import { silentLog } from '../log.ts'
import { createQueue, openDelivery, type Delivery } from '../queue/index.ts'
import type { JobQueue } from '../services.ts'
import { createStores, type Stores } from '../store/index.ts'
import type { TaskImage } from '../task/message.ts'
import { synthesiseTaskImages } from '../testing/material.ts'
import { addMaterial, waitForEnd, waitForJob } from '../testing/job.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

let folder: TestFolder
let database: Database
let delivery: Delivery
let blobs: BlobStore
let queue: JobQueue
let stores: Stores
let product: string
let parts: readonly TaskImage[]
beforeAll(async () => {
  folder = await createTestFolder()
  database = await openDatabase({ folder: folder.at('data') })
  delivery = await openDelivery(database, () => {})
  blobs = openFolderBlobs({ folder: folder.at('blobs'), scratch: folder.at('scratch') })
  queue = createQueue({ database, delivery })
  stores = createStores(database.db)
  product = uuidv7()
  await stores.product.create(product, 'metal')
  parts = await synthesiseTaskImages(folder.at('parts'))
  await addMaterial(stores, blobs, product, parts)
})
afterAll(async () => {
  await delivery[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function start(more: Partial<WorkerOptions> = {}): Promise<Worker> {
  return startWorker({
    database,
    delivery,
    blobs,
    log: silentLog,
    folder: folder.at('work'),
    parallel: 1,
    threads: 1,
    leaseMs: 3000,
    ...more,
  })
}

test('a training survives the kill of its process and a change of workers, and its model is active and tested', async () => {
  const pids: number[] = []
  const first = await start({ onStart: (pid) => pids.push(pid) })
  const { id } = await queue.create(
    { kind: 'train', product, method: 'patchcore', profile: 'fast', seed: 1, aims: {}, activate: true },
    'test',
  )
  await waitForJob(queue, id, (job) => job.progress > 0.1)
  process.kill(pids[0] ?? 0, 'SIGKILL')
  await waitForJob(queue, id, (job) => job.attempt === 2)
  await first.close()
  expect(await stores.job.read(id)).toMatchObject({ status: 'queued', attempt: 2 })
  const second = await start()
  const job = await waitForEnd(queue, id)
  await second.close()
  expect(job).toMatchObject({ status: 'done', attempt: 3, progress: 1, error: null })
  const models = await stores.model.list(product)
  expect(models).toMatchObject([
    { id: job.model, version: 1, isActive: true, trainingImages: 11, heldOutImages: 1 },
  ])
  const { images, curves, metrics } = await stores.evaluation.readLast(job.model ?? '')
  expect(images.map(({ label }) => label).sort()).toEqual(['defect', 'defect', 'good', 'good'])
  expect(curves.pro?.at(-1)?.[1]).toBeCloseTo(1, 9)
  expect(metrics.mean.imageAuroc).not.toBeNull()
  // Nothing of the work is left.
  expect(await readdir(folder.at('work'))).toEqual([])
}, 240_000)

test('what a test picture scores can be asked for again', async () => {
  const [trained] = await stores.model.list(product)
  const before = await stores.evaluation.readLast(trained?.id ?? '')
  const { id } = await queue.create({ kind: 'evaluate', model: trained?.id ?? '' }, 'test')
  const worker = await start()
  expect(await waitForEnd(queue, id)).toMatchObject({ status: 'done', model: trained?.id })
  await worker.close()
  const after = await stores.evaluation.readLast(trained?.id ?? '')
  expect(after.id).not.toBe(before.id)
  expect({ ...after, id: before.id, createdAt: before.createdAt }).toEqual(before)
}, 120_000)

test('a cancelled calibration changes nothing; begun again it makes the next version from pictures not learned from', async () => {
  const [trained] = await stores.model.list(product)
  const { id } = await queue.create(
    { kind: 'calibrate', model: trained?.id ?? '', aims: { falseAlarms: 0.1 }, activate: true },
    'test',
  )
  const worker = await start()
  await waitForJob(queue, id, (job) => job.status === 'running')
  expect(await queue.cancel(id)).toMatchObject({ status: 'cancelled' })
  await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await stores.model.list(product)).toHaveLength(1)
  const polygon: [number, number][] = [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.9, 0.9],
    [0.1, 0.9],
  ]
  const zones = [{ name: 'face', kind: 'inspect' as const, polygon }]
  await stores.product.change(product, { zones: { unit: 'relative', mmPerPixel: 0.5, zones } })
  await queue.retry(id)
  const job = await waitForEnd(queue, id)
  await worker.close()
  expect(job).toMatchObject({ status: 'done', error: null })
  expect((await stores.model.readCard(job.model ?? '')).products[0]?.zones).toMatchObject({
    mmPerPixel: 0.5,
    zones: [{ name: 'face', image: {} }],
  })
  const [newest] = await stores.model.list(product)
  expect(newest).toMatchObject({
    id: job.model,
    version: 2,
    origin: 'calibrate',
    parent: trained?.id,
    isActive: true,
    falseAlarms: 0.1,
  })
  expect(newest?.heldOutImages).toBe(1)
}, 120_000)

test('a batch of inspections appears as a whole, with its files', async () => {
  const { items } = await stores.image.list(product, { limit: 100, deleted: false, split: 'test' })
  const { id } = await queue.create(
    { kind: 'inspect', product, images: items.map((image) => image.id) },
    'test',
  )
  const worker = await start()
  const job = await waitForEnd(queue, id)
  await worker.close()
  expect(job.status).toBe('done')
  const found = (await stores.inspection.list({ limit: 100, product })).items
  expect(found.map(({ name }) => name).sort()).toEqual(items.map(({ name }) => name).sort())
  for (const { id: inspection } of found) {
    const { map, mask } = await stores.inspection.files(inspection)
    expect(await blobs.has(map ?? '')).toBe(true)
    expect(await blobs.has(mask ?? '')).toBe(true)
  }
}, 120_000)

test('a training that has spent its budget is cancelled and says so', async () => {
  const worker = await start()
  const { id } = await queue.create(
    {
      kind: 'train',
      product,
      method: 'patchcore',
      profile: 'fast',
      seed: 2,
      aims: {},
      activate: true,
      minutes: 0.001,
    },
    'test',
  )
  const job = await waitForEnd(queue, id)
  await worker.close()
  expect(job).toMatchObject({ status: 'cancelled', error: { code: 'JOB_BUDGET_SPENT', status: 409 } })
}, 60_000)

test('without good pictures a training fails; when they are there, it can be begun again', async () => {
  const empty = uuidv7()
  await stores.product.create(empty, 'empty')
  const worker = await start()
  const { id } = await queue.create(
    {
      kind: 'train',
      product: empty,
      method: 'patchcore',
      profile: 'fast',
      seed: 1,
      aims: {},
      activate: true,
    },
    'test',
  )
  expect(await waitForEnd(queue, id)).toMatchObject({
    status: 'failed',
    error: { code: 'DATA_NO_GOOD_IMAGES' },
  })
  await addMaterial(stores, blobs, empty, parts.slice(0, 4))
  await queue.retry(id)
  await waitForJob(queue, id, (job) => job.progress > 0)
  await queue.cancel(id)
  await worker.close()
}, 60_000)
