/** Opens cached weights for a backbone. */
import type { Checkpoint } from '../checkpoint.ts'
import { unreadable } from '../fault.ts'
import { openCheckpoint } from '../open.ts'
import type { CacheOptions } from './folder.ts'
import { findWeights, type WeightsRecord } from './record.ts'

/** Weights from the cache. Close `checkpoint` with `await using`; `record` is what a model card says of them. */
export interface OpenedWeights {
  readonly checkpoint: Checkpoint
  readonly record: WeightsRecord
}

/**
 * Opens the cached weights `id`; what is not there is WEIGHTS_MISSING. Their sum was compared when they came
 * in and is compared again by `verifyWeights`; here only their size is, because a sum takes seconds.
 */
export async function openPublishedWeights(id: string, options: CacheOptions = {}): Promise<OpenedWeights> {
  const record = await findWeights(id, options)
  const checkpoint = await openCheckpoint(record.path)
  if (checkpoint.fileBytes !== record.bytes) {
    await checkpoint[Symbol.asyncDispose]()
    throw unreadable(record.path, `it has ${checkpoint.fileBytes} bytes instead of ${record.bytes}`)
  }
  return { checkpoint, record }
}
