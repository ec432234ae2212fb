/**
 * The end of a job: its files go into the blob store, then its rows and the word that it is done into the database,
 * in one transaction that holds only if the attempt is still its own. So nothing completes twice, and nothing half.
 */
import type { ApiJob } from '@assay/contract/api'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import type { BlobStore } from '../blob/index.ts'
import type { Database } from '../database/index.ts'
import type { Lease } from '../store/lease.ts'
import { createStores, type Stores } from '../store/index.ts'
import type { NewInspection } from '../store/inspection-insert.ts'
import type { InspectedFile, TaskImage, TaskResult } from '../task/message.ts'

export interface FinishInput {
  readonly database: Database
  readonly blobs: BlobStore
  readonly lease: Lease
  readonly job: ApiJob
  readonly images: readonly TaskImage[]
  /** Of the attempt. */
  readonly work: string
  readonly result: TaskResult
  /** Called with a model before it becomes the active one. */
  readonly warm: ((model: { id: string; sha256: string }) => Promise<void>) | undefined
}

/** False when the lease was lost; nothing has changed then. */
export async function finish(input: FinishInput): Promise<boolean> {
  const { database, lease } = input
  const write = await prepare(input)
  try {
    await database.db.transaction().execute(async (trx) => {
      const stores = createStores(trx)
      const model = await write(stores)
      if (!(await stores.lease.end(lease, { status: 'done', ...(model === null ? {} : { model }) })))
        throw new LeaseLost()
    })
    return true
  } catch (error) {
    if (error instanceof LeaseLost) return false
    throw error
  }
}

/** Rolls the transaction back. */
class LeaseLost extends Error {}

/** Puts the files away and gives what writes the rows; its answer is the new model, if there is one. */
async function prepare(input: FinishInput): Promise<(stores: Stores) => Promise<string | null>> {
  const { blobs, job, result, warm } = input
  switch (result.kind) {
    case 'model': {
      const { sha256, bytes } = await blobs.putFile(result.model)
      const id = uuidv7()
      const { request } = job
      const isActive = (request.kind === 'train' || request.kind === 'calibrate') && request.activate
      if (isActive) await warm?.({ id, sha256 })
      return async ({ model, evaluation, product }) => {
        await model.add({
          id,
          product: job.product,
          origin: request.kind === 'calibrate' ? 'calibrate' : 'train',
          parent: request.kind === 'calibrate' ? request.model : null,
          job: job.id,
          sha256,
          bytes,
          card: result.card,
        })
        if (result.evaluation !== null)
          await evaluation.add({ id: uuidv7(), model: id, job: job.id, result: result.evaluation })
        if (isActive) await product.activate(job.product, id)
        return id
      }
    }
    case 'evaluation':
      return async ({ evaluation }) => {
        await evaluation.add({ id: uuidv7(), model: modelOf(job), job: job.id, result: result.evaluation })
        return null
      }
    case 'inspections': {
      const rows: NewInspection[] = []
      for (const inspected of result.inspected) rows.push(await toRow(inspected, input))
      return async ({ record }) => {
        for (const row of rows) await record.add(row)
        return null
      }
    }
    default:
      return result satisfies never
  }
}

async function toRow(inspected: InspectedFile, input: FinishInput): Promise<NewInspection> {
  const { job, images, blobs, work } = input
  const image = images.find(({ id }) => id === inspected.image)
  if (image === undefined) throw new Error(`internal: the picture ${inspected.image} was not asked for`)
  const put = async (name: string | null): Promise<string | null> =>
    name === null ? null : (await blobs.putFile(join(work, name))).sha256
  return {
    id: uuidv7(),
    product: job.product,
    model: modelOf(job),
    job: job.id,
    image: image.id,
    name: image.name,
    sha256: image.sha256,
    record: inspected.record,
    map: await put(inspected.map),
    mask: await put(inspected.mask),
    milliseconds: inspected.milliseconds,
  }
}

function modelOf({ id, model }: ApiJob): string {
  if (model === null) throw new Error(`internal: the job ${id} has no model`)
  return model
}
