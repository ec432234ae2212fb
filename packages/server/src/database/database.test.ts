import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noPostgres, openTestPostgres } from '../testing/postgres.ts'
import { migrate, notify, openDatabase, type Database, type DatabasePlace } from './index.ts'
import { lockFolder, lockName } from './lock.ts'

const postgres = await openTestPostgres()
afterAll(() => postgres?.[Symbol.asyncDispose]())

describe.each<[string, boolean]>([
  ['embedded', true],
  [postgres === null ? noPostgres : 'a real Postgres', postgres !== null],
])('the database, %s', (name, isThere) => {
  let folder: TestFolder
  let place: DatabasePlace
  let database: Database

  beforeAll(async () => {
    if (!isThere) return
    folder = await createTestFolder()
    if (name === 'embedded') place = { folder: folder.path }
    else place = { url: (await postgres?.createDatabase()) ?? '' }
    database = await openDatabase(place)
  })
  afterAll(async () => {
    if (!isThere) return
    await database[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  test.runIf(isThere)('times are dates, counts are numbers, JSON is what was put in', async () => {
    const id = uuidv7()
    const zones = { unit: 'pixel', mmPerPixel: null, zones: [] }
    await database.db
      .insertInto('product')
      .values({ id, name: id, earlier_models: '[]', zones: JSON.stringify(zones) })
      .execute()
    const row = await database.db
      .selectFrom('product')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ id, zones, earlier_models: [] })
    expect(row.created_at).toBeInstanceOf(Date)
    const count = await database.db
      .selectFrom('product')
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    expect(count).toEqual({ n: 1 })
  })

  test.runIf(isThere)(
    'a message of a transaction is heard when it is committed, and not when it is not',
    async () => {
      const heard: unknown[] = []
      const stop = database.bus.subscribe((message) => heard.push(message))
      const [kept, dropped, last] = [uuidv7(), uuidv7(), uuidv7()]
      await database.db.transaction().execute((trx) => notify(trx, { topic: 'job', job: kept }))
      const failed = database.db.transaction().execute(async (trx) => {
        await notify(trx, { topic: 'job', job: dropped })
        throw new Error('no')
      })
      await expect(failed).rejects.toThrow('no')
      await notify(database.db, { topic: 'job', job: last })
      await expect.poll(() => heard.length).toBe(2)
      expect(heard).toEqual([
        { topic: 'job', job: kept },
        { topic: 'job', job: last },
      ])
      stop()
    },
  )

  test.runIf(isThere)('what is asked beside a transaction is not part of it', async () => {
    const [inside, beside] = [uuidv7(), uuidv7()]
    const row = (id: string) => ({ id, name: id, earlier_models: '[]' })
    let begun = (): void => {}
    const hasBegun = new Promise<void>((done) => {
      begun = done
    })
    const failed = database.db.transaction().execute(async (trx) => {
      await trx.insertInto('product').values(row(inside)).execute()
      begun()
      throw new Error('no')
    })
    await hasBegun
    const done = database.db.insertInto('product').values(row(beside)).execute()
    await expect(failed).rejects.toThrow('no')
    await done
    const rows = await database.db
      .selectFrom('product')
      .select('id')
      .where('id', 'in', [inside, beside])
      .execute()
    expect(rows).toEqual([{ id: beside }])
  })

  test.runIf(isThere)('migrating what is newest already changes nothing', async () => {
    await Promise.all([migrate(database.db), migrate(database.db)])
    const { rows } = await database.executeSql('select count(*)::int as n from kysely_migration')
    expect(rows).toEqual([{ n: 1 }])
  })
})

describe('the lock of a folder', () => {
  test('keeps a second one out, and lets it in when the first is done', async () => {
    await using folder = await createTestFolder()
    const first = await lockFolder(folder.path)
    await expect(lockFolder(folder.path)).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      params: { pid: process.pid },
    })
    await first.release()
    await (await lockFolder(folder.path)).release()
  })

  test.each([
    ['of a process that is gone', { pid: 2 ** 22 + 1, began: '1', id: 'x' }],
    ['of an earlier process with the same number', { pid: process.pid, began: '1', id: 'x' }],
  ])('%s is taken over, by one of many', async (_, stale) => {
    await using folder = await createTestFolder()
    await writeFile(folder.at(lockName), JSON.stringify(stale))
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder.path)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('that is damaged counts as left behind', async () => {
    await using folder = await createTestFolder()
    await writeFile(folder.at(lockName), '{"pid":')
    const lock = await lockFolder(folder.path)
    expect(JSON.parse(await readFile(folder.at(lockName), 'utf8')).pid).toBe(process.pid)
    await lock.release()
  })
})

test('a killed process loses nothing that it had said was kept', async () => {
  await using folder = await createTestFolder()
  const writer = new URL('../testing/writer-process.ts', import.meta.url)
  const said: string[] = []
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [writer.pathname, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const goal = said.length + 40 + 17 * round
    let text = ''
    for await (const chunk of child.stdout) {
      text += String(chunk)
      if (said.length + text.split('\n').length > goal) child.kill('SIGKILL')
    }
    said.push(...text.split('\n').slice(0, -1))
  }
  await using database = await openDatabase({ folder: folder.path })
  const rows = await database.db.selectFrom('product').select('name').execute()
  const kept = new Set(rows.map(({ name }) => name))
  expect(said.length).toBeGreaterThan(100)
  expect(said.filter((name) => !kept.has(name))).toEqual([])
})

test('an address where no Postgres is says so without its password', async () => {
  const opening = openDatabase({ url: 'postgres://me:secret@127.0.0.1:1/assay' })
  await expect(opening).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    message: expect.not.stringContaining('secret'),
  })
})
