/** From a job to the order of its task: which pictures, which model, as plain files of this machine. */
import { AssayError, defaultRecipe } from '@assay/contract'
import type { ApiJob } from '@assay/contract/api'
import { createHash } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import type { BlobStore } from '../blob/index.ts'
import type { DatasetImage } from '../database/index.ts'
import type { MaterialImage } from '../store/material.ts'
import type { Stores } from '../store/index.ts'
import type { TaskImage, TaskOrder } from '../task/message.ts'

export interface OrderInput {
  readonly job: ApiJob
  readonly stores: Stores
  readonly blobs: BlobStore
  /** Of the job. */
  readonly folder: string
  /** Of this attempt. */
  readonly work: string
  readonly threads: number | undefined
  readonly maxPixels: number | undefined
}

/** Freezes the pictures at the first attempt. Throws the DATA_ errors where there are too few. */
export async function prepareOrder(input: OrderInput): Promise<TaskOrder> {
  const { job, stores, blobs, folder, work, threads, maxPixels } = input
  const { request } = job
  const product = await stores.product.read(job.product)
  const images = await stores.dataset.freeze(job, uuidv7, async () =>
    chooseImages(await stores.material.read(product.id), job, stores, product.name),
  )
  const base = {
    folder,
    work,
    product: product.name,
    images: await toFiles(images, blobs),
    threads,
    maxPixels,
  }
  if (request.kind === 'train') {
    const { kind, method, profile, seed, window, aims } = request
    return { ...base, kind, method, profile, seed, window, aims, zones: product.zones }
  }
  if (job.model === null) throw new Error(`internal: the job ${job.id} has no model`)
  const model = await blobs.path((await stores.model.read(job.model)).sha256)
  switch (request.kind) {
    case 'evaluate':
    case 'inspect':
      return { ...base, kind: request.kind, model }
    case 'calibrate':
      return { ...base, kind: 'calibrate', model, aims: request.aims, zones: product.zones }
    default:
      return request satisfies never
  }
}

async function chooseImages(
  material: readonly MaterialImage[],
  { request, model }: ApiJob,
  stores: Stores,
  product: string,
): Promise<DatasetImage[]> {
  const good = material.filter(({ bucket, split }) => bucket === 'good' && split === 'train')
  const tested = material
    .filter(({ bucket, split }) => bucket === 'defect' || (bucket === 'good' && split === 'test'))
    .map((image) => freeze(image, 'test'))
  switch (request.kind) {
    case 'train': {
      const heldOut = holdOut(good, request.seed)
      requireGood(product, good.length, 2)
      return [...good.map((image) => freeze(image, heldOut.has(image.id) ? 'hold-out' : 'train')), ...tested]
    }
    case 'calibrate': {
      const learned = model === null ? new Set() : await stores.dataset.learnedBy(model)
      const unseen = good.filter(({ sha256 }) => !learned.has(sha256))
      requireGood(product, unseen.length, 1)
      return [...unseen.map((image) => freeze(image, 'hold-out')), ...tested]
    }
    case 'evaluate':
      if (tested.length === 0) throw new AssayError('DATA_NO_TEST_IMAGES', { path: product })
      return tested
    case 'inspect': {
      const wanted = new Set(request.images)
      return material.filter(({ id }) => wanted.has(id)).map((image) => freeze(image, 'test'))
    }
    default:
      return request satisfies never
  }
}

function requireGood(product: string, found: number, needed: number): void {
  if (found === 0) throw new AssayError('DATA_NO_GOOD_IMAGES', { path: product, product })
  if (found < needed) throw new AssayError('DATA_TOO_FEW_IMAGES', { path: product, product, found, needed })
}

/**
 * Which good pictures set the thresholds: as many as core would hold out, those whose hash under the seed is the
 * smallest, so that more pictures do not turn the choice around.
 */
export function holdOut(
  good: readonly Pick<MaterialImage, 'id' | 'sha256'>[],
  seed: number,
): ReadonlySet<string> {
  const { holdOut: share, holdOutAtMost } = defaultRecipe.calibration
  if (good.length < 2) return new Set()
  const count = Math.min(holdOutAtMost, Math.max(1, Math.round(good.length * share)))
  const keyed = good.map(({ id, sha256 }) => ({
    id,
    key: createHash('sha256').update(`${seed} ${sha256}`).digest('hex'),
  }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return new Set(keyed.slice(0, count).map(({ id }) => id))
}

function freeze({ id, ...image }: MaterialImage, use: DatasetImage['use']): DatasetImage {
  const { name, sha256, bucket, defect, mask } = image
  return { image: id, name, sha256, use, label: bucket === 'defect' ? 'defect' : 'good', defect, mask }
}

async function toFiles(images: readonly DatasetImage[], blobs: BlobStore): Promise<TaskImage[]> {
  const files: TaskImage[] = []
  for (const { image, name, sha256, use, label, defect, mask } of images) {
    const path = await blobs.path(sha256)
    files.push({
      id: image,
      name,
      sha256,
      path,
      use,
      label,
      defect,
      mask: mask === null ? null : await blobs.path(mask),
    })
  }
  return files
}
