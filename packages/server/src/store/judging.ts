/** What judging a picture needs to know of its product, in one quick question. */
import type { Db } from '../database/index.ts'
import { found } from './row.ts'

export interface JudgingModel {
  readonly id: string
  readonly sha256: string
}

interface Judging {
  readonly name: string
  readonly active: JudgingModel | null
  readonly shadow: JudgingModel | null
}

export interface JudgingStore {
  /** Throws NOT_FOUND. */
  read(product: string): Promise<Judging>
}

export function createJudgingStore(db: Db): JudgingStore {
  return {
    read: async (product) => {
      const row = await db
        .selectFrom('product')
        .leftJoin('model as active', 'active.id', 'product.active_model')
        .leftJoin('model as shadow', 'shadow.id', 'product.shadow_model')
        .select([
          'product.name',
          'active.id as active_id',
          'active.sha256 as active_sha256',
          'shadow.id as shadow_id',
          'shadow.sha256 as shadow_sha256',
        ])
        .where('product.id', '=', product)
        .executeTakeFirst()
      const { name, active_id, active_sha256, shadow_id, shadow_sha256 } = found(row, 'product', product)
      return { name, active: toModel(active_id, active_sha256), shadow: toModel(shadow_id, shadow_sha256) }
    },
  }
}

function toModel(id: string | null, sha256: string | null): JudgingModel | null {
  return id === null || sha256 === null ? null : { id, sha256 }
}
