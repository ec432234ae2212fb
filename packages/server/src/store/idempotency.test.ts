import { uuidv7 } from 'uuidv7'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../database/index.ts'
import { noPostgres, openTestPostgres } from '../testing/postgres.ts'
import { createStores } from './index.ts'

const postgres = await openTestPostgres()
afterAll(() => postgres?.[Symbol.asyncDispose]())

test.runIf(postgres !== null)(
  'of two servers on one database, the second waits for the first as long as it lives, and then goes on with its id',
  async () => {
    const url = (await postgres?.createDatabase()) ?? noPostgres
    const first = await openDatabase({ url })
    await using second = await openDatabase({ url })
    const token = uuidv7()
    await createStores(first.db).access.createToken({ id: token, name: 'x', role: 'admin', expiresAt: null })
    const claim = { token, key: 'k', fingerprint: 'f' }
    const begun = await createStores(first.db).idempotency.claim({
      ...claim,
      subject: uuidv7(),
      run: first.run,
    })
    const store = createStores(second.db).idempotency
    const again = () => store.claim({ ...claim, subject: uuidv7(), run: second.run })
    await expect(again()).rejects.toMatchObject({ code: 'KEY_RUNNING' })
    await first[Symbol.asyncDispose]()
    await expect.poll(async () => again().catch(() => null)).toEqual({ subject: begun.subject, answer: null })
    await expect(again()).rejects.toMatchObject({ code: 'KEY_RUNNING' })
    await store.finish(claim, { status: 200, response: { id: begun.subject } })
    expect((await again()).answer).toEqual({ status: 200, response: { id: begun.subject } })
  },
)
