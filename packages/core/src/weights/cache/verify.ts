/** Computes the sums of cached weights again: what disks and people may have done to them since. */
import { placeOf, type CacheOptions } from './folder.ts'
import { hashFile } from './hash.ts'
import { findWeights, readRecord, type WeightsRecord } from './record.ts'

export interface VerifiedWeights {
  readonly record: WeightsRecord
  /** Of the file as it is now. */
  readonly sha256: string
  /** Whether that is still the sum in the record. */
  readonly isIntact: boolean
}

export type VerifyEvent =
  | { readonly type: 'checking'; readonly id: string; readonly done: number; readonly total: number }
  | ({ readonly type: 'verified' } & VerifiedWeights)

export interface VerifyOptions extends CacheOptions {
  readonly signal?: AbortSignal
}

/** Verifies `id`, which must be cached (else WEIGHTS_MISSING), or everything that is. */
export async function* verifyWeights(
  id: string | undefined,
  options: VerifyOptions = {},
): AsyncGenerator<VerifyEvent, VerifiedWeights[]> {
  const place = placeOf(options)
  const records =
    id === undefined
      ? await Promise.all(place.catalogue.map((weights) => readRecord(weights.id, place)))
      : [await findWeights(id, place)]
  const verified: VerifiedWeights[] = []
  for (const record of records.filter((r) => r !== null)) {
    const hashing = hashFile(record.path, options.signal)
    let step = await hashing.next()
    for (; step.done !== true; step = await hashing.next()) yield { ...step.value, id: record.id }
    const { sha256 } = step.value
    const one = { record, sha256, isIntact: sha256 === record.sha256 }
    verified.push(one)
    yield { type: 'verified', ...one }
  }
  return verified
}
