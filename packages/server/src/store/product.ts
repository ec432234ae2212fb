/** Products, and which of their models judges. */
import { AssayError, parseZonesFile, type ZonesFile } from '@assay/contract'
import type { ApiProduct } from '@assay/contract/api'
import { sql, type Selectable } from 'kysely'
import { notify, type Db, type ProductTable } from '../database/index.ts'
import { found, isTaken, toTime, transact } from './row.ts'

interface ProductPatch {
  readonly name?: string | undefined
  readonly shadowModel?: string | null | undefined
  readonly zones?: ZonesFile | null | undefined
}

export interface ProductStore {
  list(): Promise<ApiProduct[]>
  /** Throws NOT_FOUND, as all that take an id. */
  read(id: string): Promise<ApiProduct>
  /** Gives the one with that id if there is one. Throws CONFLICT for a name that is taken. */
  create(id: string, name: string): Promise<ApiProduct>
  change(id: string, patch: ProductPatch): Promise<ApiProduct>
  remove(id: string): Promise<void>
  /** The model judges from the commit on; the one before is remembered for a roll-back. */
  activate(id: string, model: string): Promise<void>
  /** The model that a roll-back would activate. Throws CONFLICT when there is none. */
  earlierModel(id: string): Promise<string>
  /** Throws CONFLICT unless a roll-back leads to `model`. */
  rollBack(id: string, model: string): Promise<void>
}

export function createProductStore(db: Db): ProductStore {
  const list = async (id?: string): Promise<ApiProduct[]> => {
    const rows = await db
      .selectFrom('product')
      .selectAll('product')
      .select((e) => [
        ...(['good', 'defect', 'unsorted'] as const).map((bucket) =>
          e
            .selectFrom('image')
            .whereRef('image.product', '=', 'product.id')
            .where('image.bucket', '=', bucket)
            .where('image.deleted_at', 'is', null)
            .select((i) => i.fn.countAll<number>().as('n'))
            .as(bucket),
        ),
        e
          .selectFrom('inspection')
          .whereRef('inspection.product', '=', 'product.id')
          .select((i) => i.fn.countAll<number>().as('n'))
          .as('inspections'),
      ])
      .$if(id !== undefined, (q) => q.where('id', '=', id ?? ''))
      .orderBy(sql`lower(name)`)
      .execute()
    return rows.map(toProduct)
  }
  const read = async (id: string): Promise<ApiProduct> => found((await list(id))[0], 'product', id)
  const lock = async (trx: Db, id: string) =>
    found(
      await trx.selectFrom('product').selectAll().where('id', '=', id).forUpdate().executeTakeFirst(),
      'product',
      id,
    )
  return {
    list: () => list(),
    read,
    create: async (id, name) => {
      await refuseTakenName(name, () =>
        db
          .insertInto('product')
          .values({ id, name, earlier_models: '[]' })
          .onConflict((c) => c.column('id').doNothing())
          .execute(),
      )
      return read(id)
    },
    change: async (id, { name, shadowModel, zones }) => {
      if (zones != null) parseZonesFile(zones, 'the zones')
      const set = {
        ...(name === undefined ? {} : { name }),
        ...(shadowModel === undefined ? {} : { shadow_model: shadowModel }),
        ...(zones === undefined ? {} : { zones: zones === null ? null : JSON.stringify(zones) }),
      }
      await transact(db, async (trx) => {
        await lock(trx, id)
        if (shadowModel != null) await requireModel(trx, id, shadowModel)
        if (Object.keys(set).length > 0)
          await refuseTakenName(name ?? '', () =>
            trx.updateTable('product').set(set).where('id', '=', id).execute(),
          )
        await notify(trx, { topic: 'product', product: id })
      })
      return read(id)
    },
    remove: async (id) => {
      await transact(db, async (trx) => {
        await lock(trx, id)
        await trx.deleteFrom('product').where('id', '=', id).execute()
        await notify(trx, { topic: 'product', product: id })
      })
    },
    activate: (id, model) =>
      transact(db, async (trx) => {
        const product = await lock(trx, id)
        await requireModel(trx, id, model)
        if (product.active_model === model) return
        const before = product.active_model === null ? [] : [product.active_model]
        const earlier = [...product.earlier_models, ...before].slice(-mostRemembered)
        await trx
          .updateTable('product')
          .set({ active_model: model, earlier_models: JSON.stringify(earlier) })
          .where('id', '=', id)
          .execute()
        await notify(trx, { topic: 'product', product: id })
      }),
    earlierModel: async (id) => {
      const row = await db
        .selectFrom('product')
        .select('earlier_models')
        .where('id', '=', id)
        .executeTakeFirst()
      return requireEarlier(found(row, 'product', id).earlier_models)
    },
    rollBack: (id, model) =>
      transact(db, async (trx) => {
        const { earlier_models: earlier } = await lock(trx, id)
        if (requireEarlier(earlier) !== model) throw conflict('another model was activated meanwhile')
        await trx
          .updateTable('product')
          .set({ active_model: model, earlier_models: JSON.stringify(earlier.slice(0, -1)) })
          .where('id', '=', id)
          .execute()
        await notify(trx, { topic: 'product', product: id })
      }),
  }
}

const mostRemembered = 100

function requireEarlier(earlier: readonly string[]): string {
  const model = earlier.at(-1)
  if (model === undefined) throw conflict('no model was active before')
  return model
}

function conflict(reason: string): AssayError {
  return new AssayError('CONFLICT', { reason, hint: 'Look at the list of models, and activate one of them.' })
}

async function requireModel(trx: Db, product: string, model: string): Promise<void> {
  const row = await trx
    .selectFrom('model')
    .select('id')
    .where('id', '=', model)
    .where('product', '=', product)
    .executeTakeFirst()
  found(row, 'model of this product with the id', model)
}

async function refuseTakenName<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!isTaken(error, 'product_name')) throw error
    const reason = `there is a product called "${name}"`
    throw new AssayError('CONFLICT', { reason, hint: 'Choose another name.' }, { cause: error })
  }
}

interface ProductRow extends Selectable<ProductTable> {
  readonly good: number | null
  readonly defect: number | null
  readonly unsorted: number | null
  readonly inspections: number | null
}

function toProduct(row: ProductRow): ApiProduct {
  return {
    id: row.id,
    name: row.name,
    createdAt: toTime(row.created_at),
    images: { good: row.good ?? 0, defect: row.defect ?? 0, unsorted: row.unsorted ?? 0 },
    inspections: row.inspections ?? 0,
    activeModel: row.active_model,
    shadowModel: row.shadow_model,
    zones: row.zones,
  }
}
