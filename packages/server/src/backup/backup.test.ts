import { createWriteStream } from 'node:fs'
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import fc from 'fast-check'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs } from '../blob/index.ts'
import { openDatabase, type Database } from '../database/index.ts'
import { archivedTables } from '../store/archive.ts'
import { createStores } from '../store/index.ts'
import { createTestApp, greyPng, toForm, type TestApp } from '../testing/app.ts'
import { createCard } from '../testing/card.ts'
import { openTestPostgres } from '../testing/postgres.ts'
import { restoreBackup, writeBackup } from './index.ts'
import { readTar, writeTar } from './tar.ts'

let studio: TestApp
let folder: TestFolder
let archive: string
const postgres = await openTestPostgres()

beforeAll(async () => {
  folder = await createTestFolder()
  studio = await createTestApp()
  await fill(studio)
  archive = folder.at('studio.tar')
  const { database, blobs, config } = studio.services
  const backup = writeBackup({ database, blobs, scratch: config.scratch })
  // More comes in while the backup is made: none of it by half.
  const more = uploadOne(studio, 99)
  await pipeline(Readable.from(backup), createWriteStream(archive))
  await more
})
afterAll(async () => {
  await studio[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

let product: string

async function uploadOne({ ask }: TestApp, value: number): Promise<string> {
  const form = toForm([{ name: 'file', filename: `${value}.png`, content: await greyPng(value) }])
  const { body } = await ask('engineer', 'POST', `/products/${product}/images`, form.payload, form.headers)
  return body.items[0].image.id
}

async function fill(app: TestApp): Promise<void> {
  const { stores, blobs } = app.services
  product = (await app.ask('engineer', 'POST', '/products', { name: 'Ünïcode "part" 雪' })).body.id
  const { sha256, bytes } = await blobs.put(Buffer.from('a model'))
  const first = { id: uuidv7(), product, origin: 'train', sha256, bytes, card: createCard() } as const
  // The parent has the larger id, so that references point forwards and backwards.
  await stores.model.add(first)
  await stores.model.add({ ...first, id: uuidv7(), origin: 'calibrate', parent: first.id })
  await app.ask('engineer', 'POST', `/models/${first.id}/activate`)
  for (const value of [1, 2, 3]) await uploadOne(app, value)
  const form = toForm([{ name: 'file', filename: 'new.png', content: await greyPng(50) }])
  const inspected = await app.ask(
    'operator',
    'POST',
    `/products/${product}/inspections`,
    form.payload,
    form.headers,
  )
  await app.ask('operator', 'PUT', `/inspections/${inspected.body.id}/decision`, { verdict: 'good' })
  await app.ask('engineer', 'POST', '/jobs', { kind: 'train', product })
}

/** The rows of every table, less what a restore changes on purpose. */
async function rowsOf({ executeSql }: Database): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {}
  for (const table of archivedTables) {
    const { rows } = await executeSql(
      `select to_jsonb(t) as row from "${table}" t order by to_jsonb(t)::text`,
    )
    tables[table] = rows
  }
  return tables
}

const targets: readonly (readonly [string, () => Promise<{ folder: string } | { url: string }>])[] = [
  ['a new folder', async () => ({ folder: folder.at(uuidv7()) })],
  ...(postgres === null
    ? []
    : [['a real Postgres', async () => ({ url: await postgres.createDatabase() })] as const]),
]

test.each(targets)(
  'a backup of the embedded database goes into %s, row by row and file by file',
  async (_, open) => {
    const place = await open()
    const store = folder.at(uuidv7())
    const blobs = openFolderBlobs({ folder: store, scratch: folder.at('scratch') })
    const restored = await restoreBackup({ file: archive, place, blobs, scratch: folder.at('scratch') })
    await using database = await openDatabase(place)
    const stores = createStores(database.db)
    const [found] = await stores.product.list()
    expect(found).toMatchObject({ id: product, name: 'Ünïcode "part" 雪', inspections: 1 })
    const jobs = await stores.job.list({ limit: 10 })
    expect(jobs.items.map(({ status }) => status)).toEqual(['cancelled'])
    const after = await rowsOf(database)
    const before = await rowsOf(studio.services.database)
    for (const table of ['product', 'model', 'inspection', 'decision', 'token'])
      expect(after[table]).toEqual(before[table])
    const named = await stores.reference.named((await Array.fromAsync(blobs.list())).map((b) => b.sha256))
    expect(named.size).toBe(restored.files)
    for (const { sha256 } of (await stores.image.list(product, { limit: 10, deleted: false })).items)
      expect((await blobs.read(sha256)).length).toBeGreaterThan(0)
    const again = restoreBackup({
      file: archive,
      place: 'url' in place ? place : { folder: folder.path },
      blobs,
      scratch: folder.at('scratch'),
    })
    if ('url' in place) await expect(again).rejects.toMatchObject({ code: 'RESTORE_NOT_EMPTY' })
    else await again
  },
)

test('a backup that is cut, changed or something else is refused, and nothing is left of it', async () => {
  const whole = await readFile(archive)
  const cut = folder.at('cut.tar')
  await writeFile(cut, whole)
  await truncate(cut, whole.length - 2000)
  const changed = folder.at('changed.tar')
  const at = whole.indexOf('a model')
  expect(at).toBeGreaterThan(0)
  const other = Buffer.from(whole)
  other.write('A model', at)
  await writeFile(changed, other)
  const foreign = folder.at('foreign.tar')
  await writeFile(foreign, Buffer.alloc(4096, 'x'))
  const empty = folder.at('empty.tar')
  await writeFile(empty, '')
  for (const file of [cut, changed, foreign, empty]) {
    const store = folder.at(uuidv7())
    const data = folder.at(uuidv7())
    const blobs = openFolderBlobs({ folder: store, scratch: folder.at('scratch') })
    const restoring = restoreBackup({ file, place: { folder: data }, blobs, scratch: folder.at('scratch') })
    await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' })
    expect(await Array.fromAsync(blobs.list())).toEqual([])
    expect(await readdir(data).catch(() => [])).toEqual([])
  }
  expect(await readdir(folder.at('scratch'))).toEqual([])
})

test('an archive gives back what was put in, however its bytes arrive', async () => {
  const entry = fc.record({
    name: fc.stringMatching(/^[a-z0-9/._-]{1,100}$/),
    content: fc.uint8Array({ maxLength: 1500 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 4 }),
      fc.integer({ min: 1, max: 700 }),
      async (entries, size) => {
        const source = async function* () {
          for (const { name, content } of entries)
            yield { name, bytes: content.length, content: Readable.from([content]) }
        }
        const tar = Buffer.concat(await Array.fromAsync(writeTar(source(), new Date(0))))
        const pieces = Array.from({ length: Math.ceil(tar.length / size) }, (_, i) =>
          tar.subarray(i * size, (i + 1) * size),
        )
        const back = []
        for await (const { name, content } of readTar(Readable.from(pieces)))
          back.push({ name, content: new Uint8Array(Buffer.concat(await Array.fromAsync(content))) })
        expect(back).toEqual(entries)
      },
    ),
    { numRuns: 50 },
  )
})
