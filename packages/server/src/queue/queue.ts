/** The queue of long work, as the API uses it: creates, cancels and retries jobs, and tells how they go. */
import { AssayError } from '@assay/contract'
import type { JobRequest } from '@assay/contract/api'
import { uuidv7 } from 'uuidv7'
import type { Database } from '../database/index.ts'
import type { JobQueue } from '../services.ts'
import { createStores, type Stores } from '../store/index.ts'
import type { Delivery } from './delivery.ts'
import { watchJobs } from './watch.ts'

export interface QueueOptions {
  readonly database: Database
  readonly delivery: Delivery
}

export function createQueue({ database, delivery }: QueueOptions): JobQueue {
  const { db } = database
  return {
    create: (request, _by, id = uuidv7()) =>
      db.transaction().execute(async (trx) => {
        const stores = createStores(trx)
        const about = await findSubject(stores, request)
        const job = await stores.job.create({ id, request, ...about })
        if (job === null) return await stores.job.read(id)
        await delivery.send(trx, id)
        return job
      }),
    cancel: (id) => db.transaction().execute((trx) => createStores(trx).job.cancel(id)),
    retry: (id) =>
      db.transaction().execute(async (trx) => {
        const stores = createStores(trx)
        const before = await stores.job.read(id)
        const job = await stores.job.retry(id)
        // Where the pictures were the fault, others may be there by now.
        if (before.error?.code.startsWith('DATA_') === true) await stores.dataset.forget(id)
        await delivery.send(trx, id)
        return job
      }),
    watch: (filter, after, signal) => watchJobs(database, filter, after, signal),
  }
}

/** The product of a job and the model that it works with. Throws NOT_FOUND and NO_MODEL. */
async function findSubject(
  stores: Stores,
  request: JobRequest,
): Promise<{ readonly product: string; readonly model: string | null }> {
  switch (request.kind) {
    case 'train':
      return { product: (await stores.product.read(request.product)).id, model: null }
    case 'evaluate':
    case 'calibrate': {
      const { product, id } = await stores.model.read(request.model)
      return { product, model: id }
    }
    case 'inspect': {
      const { id, name, activeModel } = await stores.product.read(request.product)
      if (activeModel === null) throw new AssayError('NO_MODEL', { product: name })
      const own = new Set((await stores.material.read(id)).map((image) => image.id))
      const foreign = request.images.find((image) => !own.has(image))
      if (foreign !== undefined)
        throw new AssayError('NOT_FOUND', { what: 'picture of the product', id: foreign })
      return { product: id, model: activeModel }
    }
    default:
      return request satisfies never
  }
}
