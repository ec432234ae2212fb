/**
 * Stand-ins for the rooms behind HTTP, so that tests of it neither train nor start processes: a judge whose score is
 * the mean brightness of a picture, and a queue whose jobs wait for ever. What they keep is kept for real.
 */
import { readFile } from 'node:fs/promises'
import { AssayError } from '@assay/contract'
import { decodeImage, encodeFloatTiff, encodeMaskPng, encodePng, readImageHeader } from '@assay/core'
import type { BlobStore } from '../blob/index.ts'
import type { Database } from '../database/index.ts'
import type { Doctor, JobQueue, Judge, Line, Pictures } from '../services.ts'
import { createStores, type Stores } from '../store/index.ts'
import { createCard } from './card.ts'

export function createBrightnessJudge(stores: Stores, blobs: BlobStore): Judge {
  return {
    inspect: async ({ product, name, sha256, id = '' }) => {
      const { activeModel: model, name: called } = await stores.product.read(product)
      if (model === null) throw new AssayError('NO_MODEL', { product: called })
      const { width, height, pixels } = await decodeImage(await blobs.path(sha256), {
        name,
        maxPixels: 1_000_000,
      })
      const score = Float64Array.from(pixels).reduce((sum, v) => sum + v, 0) / pixels.length / 64
      const verdict = score > 2 ? 'defect' : 'good'
      const size = width * height
      const map = (
        await blobs.put(encodeFloatTiff(new Float32Array(size).fill(score), width, height, { bits: 32 }))
      ).sha256
      const mask = (await blobs.put(await encodeMaskPng(new Uint8Array(size), width, height))).sha256
      const calibrated = 1 / (1 + Math.exp((2 - score) / 0.5))
      const facts = { image: name, product: 'part', score, calibrated, threshold: 2, verdict } as const
      const record = { ...facts, regions: [], map: null, mask: null, error: null }
      const kept = { id, product, model, job: null, image: null, name, sha256, record, map, mask }
      await stores.record.add({ ...kept, milliseconds: 1 })
      return stores.inspection.read(id)
    },
    warm: async () => {},
    readModel: async (path) => {
      if ((await readFile(path, 'utf8')) === 'a model') return createCard()
      throw new AssayError('MODEL_UNREADABLE', { path, reason: 'it is none' })
    },
    close: async () => {},
  }
}

/** The first jobs wait for ever; nobody takes them. */
export function createIdleQueue({ db }: Database, newId: () => string): JobQueue {
  const stores = createStores(db)
  return {
    create: async (request, _by, id = newId()) => {
      const product =
        'product' in request ? request.product : (await stores.model.read(request.model)).product
      await stores.product.read(product)
      return (await stores.job.create({ id, product, request, model: null })) ?? stores.job.read(id)
    },
    cancel: (id) => stores.job.cancel(id),
    retry: (id) => stores.job.retry(id),
    watch: async function* ({ job }, _after, signal) {
      if (job !== undefined) yield { type: 'job', job: await stores.job.read(job) }
      await new Promise((done) => signal?.addEventListener('abort', done))
    },
  }
}

export const plainPictures: Pictures = {
  examine: async (path, name) => {
    const { format } = await readImageHeader(path, { name })
    const { width, height, channels, depth } = await decodeImage(path, { name, maxPixels: 1_000_000 })
    return { width, height, channels, depth, format }
  },
  view: async (path) => {
    const { pixels, width, height, channels } = await decodeImage(path)
    return encodePng(Uint8Array.from(pixels), width, height, channels)
  },
  mask: async (path, { name, width, height }) => {
    const mask = await decodeImage(path, { name })
    if (mask.width !== width || mask.height !== height)
      throw new AssayError('DATA_MASK_MISMATCH', { path: 'the mask', image: name, reason: 'another size' })
    return encodeMaskPng(Uint8Array.from(mask.pixels), width, height)
  },
  mapPng: async () => encodePng(new Uint8Array(1), 1, 1, 1),
  close: async () => {},
}

export const emptyDoctor: Doctor = {
  understand: async () => ({
    training: 0,
    heldOut: 0,
    testGood: 0,
    testDefect: {},
    masks: 0,
    sizes: [],
    canTrain: false,
    advice: [],
  }),
  examine: async () => [],
}

export const emptyLine: Line = {
  targets: () => [{ name: 'mes', kind: 'webhook', isReachable: null }],
  refresh: async () => {},
  confine: async (folder) => {
    throw new AssayError('FOLDER_OUTSIDE', { path: folder })
  },
  isWatching: () => false,
  close: async () => {},
}
