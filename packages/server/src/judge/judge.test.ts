import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { encodePng } from '@assay/core'
import { readdir } from 'node:fs/promises'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs, type BlobStore } from '../blob/index.ts'
import { openDatabase, type Database } from '../database/index.ts'
import { silentLog } from '../log.ts'
import { createStores, type Stores } from '../store/index.ts'
import { addTestModel, drawTestPicture, makeTestModels } from '../testing/model.ts'
import { createJudge, type JudgeOptions, type ProcessJudge } from './judge.ts'

let folder: TestFolder
let database: Database
let blobs: BlobStore
let stores: Stores
let product: string
let lenient: string
let strict: string
/** Hashes of different pictures. */
let pictures: string[]
/** Of the tests that need no other. */
let judge: ProcessJudge
beforeAll(async () => {
  folder = await createTestFolder()
  database = await openDatabase({ folder: folder.at('data') })
  blobs = openFolderBlobs({ folder: folder.at('blobs'), scratch: folder.at('scratch') })
  stores = createStores(database.db)
  product = uuidv7()
  await stores.product.create(product, 'part')
  const models = await makeTestModels()
  lenient = await addTestModel(stores, blobs, product, models.lenient)
  strict = await addTestModel(stores, blobs, product, models.strict)
  pictures = []
  for (let i = 0; i < 8; i++) pictures.push((await blobs.put(await drawTestPicture(i))).sha256)
  judge = open()
})
afterAll(async () => {
  await judge.close()
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function open(more: Partial<JudgeOptions> = {}): ProcessJudge {
  return createJudge({
    database,
    blobs,
    log: silentLog,
    folder: folder.at('judge'),
    processes: 1,
    threads: 1,
    openModels: 2,
    waiting: 64,
    maxPixels: 100_000,
    ...more,
  })
}

const input = (i: number) => ({ product, name: `${i}.png`, sha256: pictures[i % 8] ?? '' })

test('before the first model nothing is judged', async () => {
  const empty = uuidv7()
  await stores.product.create(empty, 'nothing yet')
  const error = judge.inspect({ ...input(0), product: empty })
  await expect(error).rejects.toMatchObject({ code: 'NO_MODEL', http: 409 })
})

test('another model takes over while pictures come in: all are answered, first by one, then by the other', async () => {
  await stores.product.activate(product, lenient)
  const answers: Promise<string>[] = []
  for (let i = 0; i < 30; i++) {
    if (i === 15) {
      await judge.warm(product, strict)
      await stores.product.activate(product, strict)
    }
    answers.push(judge.inspect(input(i)).then(({ record, model }) => `${model} ${record.verdict}`))
  }
  expect(await Promise.all(answers)).toEqual([
    ...Array<string>(15).fill(`${lenient} good`),
    ...Array<string>(15).fill(`${strict} defect`),
  ])
})

test('the record has its map and mask in the store, and no file is left beside', async () => {
  await stores.product.activate(product, strict)
  const found = await judge.inspect(input(1))
  const files = await stores.inspection.files(found.id)
  expect(await blobs.has(files.map ?? '')).toBe(true)
  expect(await blobs.has(files.mask ?? '')).toBe(true)
  expect(await readdir(folder.at('judge'))).toEqual([])
})

test('more than may wait are refused with 429 and leave nothing; the others are answered', async () => {
  const before = await countInspections()
  const busy = open({ waiting: 3 })
  await busy.warm(product)
  const asked = Array.from({ length: 12 }, (_, i) => busy.inspect(input(i)))
  const outcomes = await Promise.allSettled(asked)
  await busy.close()
  const refused = outcomes
    .filter((o) => o.status === 'rejected')
    .map((o) => o.reason as { code: string; http: number })
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.every(({ code, http }) => code === 'STUDIO_BUSY' && http === 429)).toBe(true)
  expect(await countInspections()).toBe(before + 12 - refused.length)
})

test('a picture that is too large, or none at all, is refused, and the next one is judged', async () => {
  const large = await blobs.put(await encodePng(new Uint8Array(400 * 400), 400, 400, 1))
  const broken = await blobs.put(Buffer.from('no picture'))
  await expect(judge.inspect({ ...input(0), sha256: large.sha256 })).rejects.toMatchObject({
    code: 'IMAGE_TOO_LARGE',
  })
  await expect(judge.inspect({ ...input(0), sha256: broken.sha256 })).rejects.toMatchObject({
    code: expect.stringMatching(/^IMAGE_/),
  })
  expect((await judge.inspect(input(0))).record.verdict).toBe('defect')
})

test('when its process is killed, the inspection that it had fails and says so; the next has a new process', async () => {
  await judge.warm(product)
  const [pid = 0] = judge.pids
  // So that it dies with the picture in hand.
  process.kill(pid, 'SIGSTOP')
  const hit = judge.inspect(input(2))
  await expect.poll(() => judge.load).toBe(1)
  process.kill(pid, 'SIGKILL')
  await expect(hit).rejects.toMatchObject({ code: 'TASK_OUT_OF_MEMORY', http: 507 })
  expect((await judge.inspect(input(3))).record.verdict).toBe('defect')
  expect(judge.pids[0]).not.toBe(pid)
})

test('a process that hangs is ended, and the next picture is judged', async () => {
  const strictClock = open({ timeoutMs: 12_000 })
  await strictClock.warm(product)
  process.kill(strictClock.pids[0] ?? 0, 'SIGSTOP')
  await expect(strictClock.inspect(input(2))).rejects.toMatchObject({ code: 'TASK_SILENT' })
  expect((await strictClock.inspect(input(3))).record.verdict).toBe('defect')
  await strictClock.close()
}, 60_000)

test('a file that is no model is refused by a process of its own', async () => {
  const path = await folder.write('junk.onnx', new Uint8Array(1000).fill(7))
  const error = judge.readModel(path)
  await expect(error).rejects.toMatchObject({ code: expect.stringMatching(/^MODEL_/) })
  const good = await judge.readModel(await blobs.path((await stores.model.read(strict)).sha256))
  expect(good.method).toBe('patchcore')
})

test('the shadow model looks at the same picture afterwards, and a disagreement is marked', async () => {
  await stores.product.activate(product, strict)
  await stores.product.change(product, { shadowModel: lenient })
  const { id, shadow } = await judge.inspect(input(4))
  expect(shadow).toBeNull()
  await expect.poll(async () => (await stores.inspection.read(id)).shadow, { timeout: 20_000 }).not.toBeNull()
  expect((await stores.inspection.read(id)).shadow).toMatchObject({
    model: lenient,
    verdict: 'good',
    disagrees: true,
  })
  await stores.product.change(product, { shadowModel: null })
})

test('a repeated request with the same id is answered by what is there', async () => {
  const id = uuidv7()
  const first = await judge.inspect({ ...input(5), id })
  const count = await countInspections()
  expect(await judge.inspect({ ...input(5), id })).toEqual(first)
  expect(await countInspections()).toBe(count)
})

async function countInspections(): Promise<number> {
  return (await stores.product.read(product)).inspections
}
