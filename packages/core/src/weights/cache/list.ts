/** What the catalogue knows and the cache has. */
import type { PublishedWeights } from '../catalogue.ts'
import { placeOf, type CacheOptions } from './folder.ts'
import { readRecord, type WeightsRecord } from './record.ts'

export interface ListedWeights {
  readonly weights: PublishedWeights
  /** Null when nothing is cached. */
  readonly record: WeightsRecord | null
}

/** Every entry of the catalogue, in its order. A record that cannot be read counts as none. */
export async function listWeights(options: CacheOptions = {}): Promise<ListedWeights[]> {
  const { cache, catalogue } = placeOf(options)
  return Promise.all(
    catalogue.map(async (weights) => ({
      weights,
      record: await readRecord(weights.id, { cache, catalogue }).catch(() => null),
    })),
  )
}
