/**
 * The doctor of the training material. Each picture is measured once, in a child process, and what was measured is
 * kept in a cache under the hash of the picture.
 */
import { AssayError } from '@assay/contract'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import type { BlobStore } from '../blob/index.ts'
import { createPool, type Pool } from '../child/pool.ts'
import type { Database } from '../database/index.ts'
import type { Log } from '../log.ts'
import type { Doctor } from '../services.ts'
import type { MaterialImage } from '../store/material.ts'
import { createStores } from '../store/index.ts'
import type { MeasuredPicture } from './compare.ts'
import type { Measures } from './measure.ts'
import type { DoctorReply, DoctorRequest } from './message.ts'
import { understand } from './understand.ts'

export interface DoctorOptions {
  readonly database: Database
  readonly blobs: BlobStore
  readonly log: Log
  /** The cache. */
  readonly folder: string
  readonly maxPixels: number
  readonly threads: number
  readonly timeoutMs?: number
}

/** Pairs are compared, so the work grows with the square; of more pictures the newest are taken. */
const mostPictures = 2000

export function createDoctor(options: DoctorOptions): Doctor {
  const { database, folder, timeoutMs = 120_000 } = options
  const stores = createStores(database.db)
  const cache = join(folder, 'doctor')
  // One at a time: the same measures would only be taken twice.
  const running = new Map<string, ReturnType<Doctor['examine']>>()
  const examine: Doctor['examine'] = async (product) => {
    await stores.judging.read(product)
    const material = (await stores.material.read(product)).filter(({ bucket }) => bucket !== 'unsorted')
    await mkdir(cache, { recursive: true })
    await using pool = createPool<DoctorRequest, DoctorReply>({
      file: new URL('doctor-process.ts', import.meta.url),
      what: 'the look at the pictures',
      processes: 1,
      waiting: 1,
      timeoutMs,
    })
    const pictures: MeasuredPicture[] = []
    for (const image of material.slice(-mostPictures)) {
      const measures = await measure(image, pool, cache, options)
      const { id, name, width, height, bucket } = image
      if (measures !== null) pictures.push({ id, name, width, height, isGood: bucket === 'good', measures })
    }
    const reply = await pool.ask({ kind: 'compare', pictures }, { lane: 'doctor' })
    if (!('findings' in reply)) throw new Error('internal: findings were asked for')
    return reply.findings
  }
  return {
    understand: async (product) => {
      await stores.judging.read(product)
      return understand(await stores.material.read(product))
    },
    examine: (product) => {
      const found = running.get(product) ?? examine(product).finally(() => running.delete(product))
      running.set(product, found)
      return found
    },
  }
}

/** Null for a picture that cannot be measured; the others can. */
async function measure(
  { sha256, name }: MaterialImage,
  pool: Pool<DoctorRequest, DoctorReply>,
  cache: string,
  { blobs, log, maxPixels, threads }: DoctorOptions,
): Promise<Measures | null> {
  const file = join(cache, `${sha256}.json`)
  const kept = await readFile(file, 'utf8').catch(() => null)
  // Written below, whole.
  if (kept !== null) return JSON.parse(kept) as Measures
  try {
    const path = await blobs.path(sha256)
    const reply = await pool.ask({ kind: 'measure', path, name, maxPixels, threads }, { lane: 'doctor' })
    if (!('measures' in reply)) throw new Error('internal: measures were asked for')
    const part = join(cache, `${uuidv7()}.part`)
    await writeFile(part, JSON.stringify(reply.measures))
    await rename(part, file)
    return reply.measures
  } catch (error) {
    if (!(error instanceof AssayError)) throw error
    log.warning('a picture cannot be measured', { sha256, error })
    return null
  }
}
