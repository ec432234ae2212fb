/** Waits for jobs as the page does, and fills products. */
import type { ApiJob } from '@assay/contract/api'
import { uuidv7 } from 'uuidv7'
import type { BlobStore } from '../blob/index.ts'
import type { JobQueue } from '../services.ts'
import type { Stores } from '../store/index.ts'
import type { TaskImage } from '../task/message.ts'

/** The pictures of a task as those of a product, held-out ones among those to train on. */
export async function addMaterial(
  stores: Stores,
  blobs: BlobStore,
  product: string,
  images: readonly TaskImage[],
): Promise<string[]> {
  const ids: string[] = []
  for (const { name, path, use, label, defect, mask } of images) {
    const { sha256, bytes } = await blobs.putFile(path)
    const id = uuidv7()
    const bucket = label
    const split = use === 'test' ? 'test' : 'train'
    await stores.image.add({
      id,
      product,
      name,
      sha256,
      bytes,
      width: 128,
      height: 128,
      bucket,
      defect,
      split,
      source: 'upload',
    })
    if (mask !== null) await stores.image.setMask(id, (await blobs.putFile(mask)).sha256)
    ids.push(id)
  }
  return ids
}

/** The job as soon as it is as wanted. Throws when it ends otherwise. */
export async function waitForJob(
  queue: JobQueue,
  id: string,
  isWanted: (job: ApiJob) => boolean,
): Promise<ApiJob> {
  const stop = new AbortController()
  try {
    for await (const change of queue.watch({ job: id }, 0, stop.signal)) {
      if (change.type !== 'job') continue
      if (isWanted(change.job)) return change.job
      if (isEnded(change.job)) throw new Error(`the job is ${JSON.stringify(change.job)}`)
    }
  } finally {
    stop.abort()
  }
  throw new Error('the watch ended')
}

export function waitForEnd(queue: JobQueue, id: string): Promise<ApiJob> {
  return waitForJob(queue, id, isEnded)
}

function isEnded({ status }: ApiJob): boolean {
  return status !== 'queued' && status !== 'running'
}
