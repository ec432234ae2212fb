import { AssayError } from '@assay/contract'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs, type BlobStore } from '../blob/index.ts'
import type { Target } from '../config.ts'
import { openDatabase, type Database } from '../database/index.ts'
import { silentLog } from '../log.ts'
import type { InspectInput, Judge, Line } from '../services.ts'
import { createStores, type Stores } from '../store/index.ts'
import { addTestModel, makeTestModels } from '../testing/model.ts'
import { startLine } from './line.ts'

let folder: TestFolder
let database: Database
let blobs: BlobStore
let stores: Stores
let product: string
let model: string
beforeAll(async () => {
  folder = await createTestFolder()
  database = await openDatabase({ folder: folder.at('data') })
  blobs = openFolderBlobs({ folder: folder.at('blobs'), scratch: folder.at('scratch') })
  stores = createStores(database.db)
  product = uuidv7()
  await stores.product.create(product, 'part')
  model = await addTestModel(stores, blobs, product, (await makeTestModels()).strict)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Keeps a record as the judge does, without looking at the picture. */
function createKeeper(
  refuse: (name: string) => AssayError | null = () => null,
): Pick<Judge, 'inspect'> & { asked: InspectInput[] } {
  const asked: InspectInput[] = []
  return {
    asked,
    inspect: async (input) => {
      asked.push(input)
      const error = refuse(input.name)
      if (error !== null) throw error
      return await keep(input)
    },
  }
}

async function keep({ id = uuidv7(), name, sha256 }: Pick<InspectInput, 'id' | 'name' | 'sha256'>) {
  await stores.record.add({
    id,
    product,
    model,
    job: null,
    image: null,
    name,
    sha256,
    record: {
      image: name,
      product: 'part',
      score: 2,
      calibrated: 0.9,
      threshold: 1,
      verdict: 'defect',
      regions: [],
      map: null,
      mask: null,
      error: null,
    },
    map: null,
    mask: null,
    milliseconds: 1,
  })
  return await stores.inspection.read(id)
}

function start(judge: Pick<Judge, 'inspect'>, targets: readonly Target[] = []): Promise<Line> {
  return startLine({
    database,
    blobs,
    judge,
    log: silentLog,
    targets,
    roots: [folder.at('line')],
    maxBytes: 1000,
    lookMs: 50,
    settleMs: 50,
    firstWaitMs: 100,
  })
}

test('files of a watched folder are inspected once, also over a restart, and again when they change', async () => {
  await folder.write('line/in/a.png', 'a')
  await folder.write('line/in/b.png', 'b')
  const watch = uuidv7()
  await stores.watch.create({ id: watch, product, folder: folder.at('line/in') })
  const judge = createKeeper()
  const first = await start(judge)
  expect(first.isWatching(watch)).toBe(true)
  await expect
    .poll(() => judge.asked.map(({ name }) => name), { timeout: 20_000 })
    .toEqual(['a.png', 'b.png'])
  await expect.poll(async () => (await stores.watch.list())[0]?.seen, { timeout: 20_000 }).toBe(2)
  await first.close()
  const again = createKeeper()
  const second = await start(again)
  await folder.write('line/in/a.png', 'another a')
  await expect.poll(() => again.asked.map(({ name }) => name), { timeout: 20_000 }).toEqual(['a.png'])
  await second.close()
  await stores.watch.remove(watch)
})

test('a file has the same inspection when the process dies before it was noted', async () => {
  await folder.write('line/dies/a.png', 'a')
  const watch = uuidv7()
  await stores.watch.create({ id: watch, product, folder: folder.at('line/dies') })
  const ids: (string | undefined)[] = []
  // Kept, and then nothing: as a kill between the two transactions.
  const dying = {
    inspect: async (input: InspectInput) => {
      ids.push(input.id)
      await keep(input)
      throw new Error('killed')
    },
  }
  const first = await start(dying)
  await expect.poll(() => ids.length, { timeout: 20_000 }).toBeGreaterThan(1)
  await first.close()
  expect(new Set(ids).size).toBe(1)
  expect(
    (await stores.inspection.list({ limit: 10, name: 'a.png' })).items.filter(({ id }) => id === ids[0]),
  ).toHaveLength(1)
  expect((await stores.watch.list()).find(({ id }) => id === watch)?.lastError).toBe('killed')
  await stores.watch.remove(watch)
})

test('a file that is no picture or too large is passed over with a word; a busy studio is asked again', async () => {
  await folder.write('line/mixed/1.png', 'x'.repeat(2000))
  await folder.write('line/mixed/2.png', 'broken')
  await folder.write('line/mixed/3.png', 'fine')
  const watch = uuidv7()
  await stores.watch.create({ id: watch, product, folder: folder.at('line/mixed') })
  let isBusy = true
  const judge = createKeeper((name) => {
    if (name === '2.png') return new AssayError('IMAGE_UNREADABLE', { path: name, reason: 'it is text' })
    if (!isBusy) return null
    isBusy = false
    return new AssayError('STUDIO_BUSY', { what: 'a test', seconds: 1 })
  })
  const line = await start(judge)
  await expect
    .poll(async () => (await stores.watch.list()).find(({ id }) => id === watch)?.seen, { timeout: 20_000 })
    .toBe(3)
  await line.close()
  expect(judge.asked.map(({ name }) => name)).toEqual(['2.png', '3.png', '3.png'])
  await stores.watch.remove(watch)
})

interface Heard {
  readonly headers: Record<string, unknown>
  readonly body: string
}

async function listen(answer: () => number): Promise<{ server: Server; url: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      heard.push({ headers: request.headers, body })
      const status = answer()
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

test('a webhook is told until it confirms, signed, under one id; a redirect is not followed', async () => {
  const answers = [500, 302, 200]
  const { server, url, heard } = await listen(() => answers.shift() ?? 200)
  const hook = await stores.hook.create({ id: uuidv7(), product, target: 'mes', on: 'defect' })
  const line = await start(createKeeper(), [{ name: 'mes', kind: 'webhook', url, secret: 'key' }])
  const { id } = await keep({ name: 'told.png', sha256: '0'.repeat(64) })
  await expect
    .poll(async () => (await stores.hook.list()).find((h) => h.id === hook.id), { timeout: 20_000 })
    .toMatchObject({
      sent: 1,
      waiting: 0,
      lastError: null,
    })
  expect(line.targets()).toEqual([{ name: 'mes', kind: 'webhook', isReachable: true }])
  await line.close()
  server.close()
  expect(heard).toHaveLength(3)
  expect(new Set(heard.map(({ headers }) => headers['x-assay-id'])).size).toBe(1)
  for (const { headers, body } of heard) {
    const signature = createHmac('sha256', 'key')
      .update(`${String(headers['x-assay-time'])}.${body}`)
      .digest('hex')
    expect(headers['x-assay-signature']).toBe(`sha256=${signature}`)
    expect(JSON.parse(body)).toMatchObject({
      type: 'inspection',
      product: { name: 'part' },
      inspection: { id, record: { verdict: 'defect' } },
    })
  }
  await stores.hook.remove(hook.id)
})

test('a message over MQTT counts as sent when the broker confirms it', async () => {
  const published: string[] = []
  // Just enough of a broker: it accepts the connection and confirms what is published.
  const broker = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const kind = (data[0] ?? 0) >> 4
      if (kind === 1) socket.write(Uint8Array.of(0x20, 2, 0, 0))
      if (kind !== 3) return
      published.push(data.toString('utf8'))
      // The length of what follows takes one or more bytes; then topic and number of the message.
      let at = 1
      while ((data[at] ?? 0) & 0x80) at++
      const topic = data.readUInt16BE(at + 1)
      const number = data.readUInt16BE(at + 3 + topic)
      socket.write(Uint8Array.of(0x40, 2, number >> 8, number & 0xff))
    })
  })
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
  const url = `mqtt://127.0.0.1:${(broker.address() as AddressInfo).port}`
  const hook = await stores.hook.create({ id: uuidv7(), product, target: 'broker', on: 'every' })
  const line = await start(createKeeper(), [{ name: 'broker', kind: 'mqtt', url, topic: 'assay/line-1' }])
  await keep({ name: 'told.png', sha256: '0'.repeat(64) })
  await expect
    .poll(async () => (await stores.hook.list()).find((h) => h.id === hook.id)?.sent, { timeout: 20_000 })
    .toBe(1)
  await line.close()
  broker.close()
  expect(published.join('')).toContain('assay/line-1')
  await stores.hook.remove(hook.id)
})
