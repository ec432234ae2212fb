/** Which files of the blob store the rows still name. */
import { sql } from 'kysely'
import type { Db } from '../database/index.ts'

export interface ReferenceStore {
  /** Those of `hashes` that some row names. */
  named(hashes: readonly string[]): Promise<ReadonlySet<string>>
}

export function createReferenceStore(db: Db): ReferenceStore {
  return {
    named: async (hashes) => {
      if (hashes.length === 0) return new Set()
      const { rows } = await sql<{ sha256: string }>`
        with asked as (select ${hashes}::text[] as hashes)
        select sha256 from image, asked where sha256 = any (hashes)
        union select mask_sha256 from image, asked where mask_sha256 = any (hashes)
        union select sha256 from model, asked where sha256 = any (hashes)
        union select sha256 from inspection, asked where sha256 = any (hashes)
        union select map_sha256 from inspection, asked where map_sha256 = any (hashes)
        union select mask_sha256 from inspection, asked where mask_sha256 = any (hashes)
        -- A job that may be run again needs what it began with, deleted or not.
        union select file from dataset
          join job on job.id = dataset.job and job.status <> 'done'
          cross join lateral jsonb_array_elements(dataset.images) as image
          cross join lateral (values (image ->> 'sha256'), (image ->> 'mask')) as names (file), asked
          where file = any (hashes)
      `.execute(db)
      return new Set(rows.map(({ sha256 }) => sha256))
    },
  }
}
