/** Models: versions of a product. What a version is stands in its card. */
import type { Card, ProductCard } from '@assay/contract'
import type { ApiModel } from '@assay/contract/api'
import { sql, type Selectable } from 'kysely'
import type { Db, ModelTable } from '../database/index.ts'
import { found, toTime, transact } from './row.ts'

interface NewModel {
  readonly id: string
  readonly product: string
  readonly origin: ModelTable['origin']
  readonly parent?: string | null
  readonly job?: string | null
  readonly sha256: string
  readonly bytes: number
  readonly card: Card
}

export interface ModelStore {
  /** Newest first. */
  list(product: string): Promise<ApiModel[]>
  /** Throws NOT_FOUND, as all that take an id. */
  read(id: string): Promise<ApiModel>
  readCard(id: string): Promise<Card>
  /** Gets the next version of its product; gives the one with that id if there is one. */
  add(model: NewModel): Promise<ApiModel>
}

export function createModelStore(db: Db): ModelStore {
  const select = (on: Db) =>
    on
      .selectFrom('model')
      .innerJoin('product', 'product.id', 'model.product')
      .selectAll('model')
      .select((e) => [
        e('product.active_model', '=', e.ref('model.id')).as('is_active'),
        e('product.shadow_model', '=', e.ref('model.id')).as('is_shadow'),
        e
          .selectFrom('evaluation')
          .whereRef('evaluation.model', '=', 'model.id')
          .orderBy('evaluation.id', 'desc')
          .limit(1)
          .select('evaluation.id')
          .as('evaluation'),
      ])
  const read = async (on: Db, id: string): Promise<ApiModel> =>
    toModel(found(await select(on).where('model.id', '=', id).executeTakeFirst(), 'model', id))
  return {
    list: async (product) => {
      const rows = await select(db)
        .where('model.product', '=', product)
        .orderBy('model.version', 'desc')
        .execute()
      return rows.map(toModel)
    },
    read: (id) => read(db, id),
    readCard: async (id) =>
      found(await db.selectFrom('model').select('card').where('id', '=', id).executeTakeFirst(), 'model', id)
        .card,
    add: (model) =>
      transact(db, async (trx) => {
        // Versions of one product are counted one at a time.
        const product = await trx
          .selectFrom('product')
          .select('id')
          .where('id', '=', model.product)
          .forUpdate()
          .executeTakeFirst()
        found(product, 'product', model.product)
        await trx
          .insertInto('model')
          .values((e) => ({
            ...model,
            card: JSON.stringify(model.card),
            version: e
              .selectFrom('model')
              .where('product', '=', model.product)
              .select(sql<number>`coalesce(max(version), 0) + 1`.as('next')),
          }))
          .onConflict((c) => c.column('id').doNothing())
          .execute()
        return read(trx, model.id)
      }),
  }
}

interface ModelRow extends Selectable<ModelTable> {
  readonly is_active: unknown
  readonly is_shadow: unknown
  readonly evaluation: string | null
}

function toModel(row: ModelRow): ApiModel {
  const { image, pixel, falseAlarms, trainingImages, heldOutImages } = firstProduct(row.card)
  return {
    id: row.id,
    product: row.product,
    version: row.version,
    origin: row.origin,
    parent: row.parent,
    sha256: row.sha256,
    bytes: row.bytes,
    method: row.card.method,
    backbone: row.card.weights.backbone,
    threshold: image.threshold,
    pixelThreshold: pixel.threshold,
    falseAlarms,
    trainingImages,
    heldOutImages,
    isActive: row.is_active === true,
    isShadow: row.is_shadow === true,
    evaluation: row.evaluation,
    createdAt: toTime(row.created_at),
  }
}

/** A model of the studio has one product. */
export function firstProduct(card: Card): ProductCard {
  const [product] = card.products
  if (product === undefined) throw new Error('internal: a card without a product')
  return product
}
