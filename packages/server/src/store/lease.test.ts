import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import fc from 'fast-check'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase, type Database } from '../database/index.ts'
import { toProblem } from '../problem.ts'
import { createStores, type Stores } from './index.ts'
import type { Lease } from './lease.ts'

let folder: TestFolder
let database: Database
let stores: Stores
let product: string
beforeAll(async () => {
  folder = await createTestFolder()
  database = await openDatabase({ folder: folder.path })
  stores = createStores(database.db)
  product = uuidv7()
  await stores.product.create(product, 'part')
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function createJob(): Promise<string> {
  const id = uuidv7()
  const request = {
    kind: 'train',
    product,
    method: 'patchcore',
    profile: 'fast',
    seed: 0,
    aims: {},
    activate: true,
  } as const
  await stores.job.create({ id, product, request, model: null })
  return id
}

const moves = ['take', 'die', 'report', 'done', 'fail', 'give back', 'cancel', 'retry'] as const

test('whatever workers and people do in whatever order, only the last attempt of a running job can write or end it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...moves), fc.nat(3)), { maxLength: 14 }),
      async (steps) => {
        const id = await createJob()
        /** Of all workers, dead ones too: each believes that it still has the job. */
        const leases: Lease[] = []
        let ends = 0
        for (const [move, which] of steps) {
          const before = await stores.job.read(id)
          const lease = leases[which % Math.max(1, leases.length)]
          const isHeld = before.status === 'running' && lease?.attempt === before.attempt
          if (move === 'take') {
            const taken = await stores.lease.take(id, 'worker', 60_000)
            expect(taken !== null).toBe(before.status === 'queued')
            if (taken !== null) leases.push(taken.lease)
          } else if (move === 'die') {
            await stores.lease.expireAll()
            expect((await stores.lease.reclaim()).map(({ job }) => job)).toEqual(
              before.status === 'running' ? [id] : [],
            )
          } else if (move === 'cancel' || move === 'retry') {
            await stores.job[move](id).catch((error: unknown) =>
              expect(error).toMatchObject({ code: 'CONFLICT' }),
            )
          } else if (lease !== undefined) {
            const problem = toProblem(new Error('a test'), id)
            const isWritten =
              move === 'report'
                ? await stores.lease.report(lease, 60_000, { progress: 0.5 }, [
                    { level: 'info', text: 'half' },
                  ])
                : move === 'give back'
                  ? await stores.lease.giveBack(lease)
                  : await stores.lease.end(
                      lease,
                      move === 'done' ? { status: 'done' } : { status: 'failed', error: problem },
                    )
            expect(isWritten).toBe(isHeld)
            if (move === 'done' && isWritten) ends++
          }
        }
        expect(ends).toBeLessThanOrEqual(1)
        const numbers = (await stores.job.lines(id)).map(({ number }) => number)
        expect(numbers).toEqual(numbers.map((_, i) => i + 1))
        await stores.job.cancel(id).catch(() => {})
      },
    ),
    { numRuns: 40 },
  )
})
