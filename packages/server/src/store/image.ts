/** Pictures of products: rows; their files are in the blob store under the hash. */
import { AssayError } from '@assay/contract'
import type { ApiImage, imageQuerySchema, imagesPatchSchema } from '@assay/contract/api'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { Db, ImageTable } from '../database/index.ts'
import { fromCursor, toPage, type Page } from './page.ts'
import { found, toFileName, toTime, transact } from './row.ts'

interface NewImage {
  readonly id: string
  readonly product: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly width: number
  readonly height: number
  readonly bucket: ImageTable['bucket']
  readonly defect?: string | null | undefined
  readonly split?: ImageTable['split'] | undefined
  readonly source: ImageTable['source']
}

type ImagesPatch = z.output<typeof imagesPatchSchema>

export interface ImageStore {
  list(product: string, query: z.output<typeof imageQuerySchema>): Promise<Page<ApiImage>>
  /** Throws NOT_FOUND; deleted ones are found. */
  read(id: string): Promise<ApiImage>
  /** A picture that the product has already is not kept twice; one that was deleted comes back as the new one. */
  add(image: NewImage): Promise<{ readonly image: ApiImage; readonly isDuplicate: boolean }>
  /** All or none. Throws NOT_FOUND for one that is not of the product. */
  change(product: string, patch: ImagesPatch): Promise<ApiImage[]>
  setMask(id: string, sha256: string): Promise<ApiImage>
  /** Forgets pictures that were deleted before. */
  purge(before: Date): Promise<number>
}

export function createImageStore(db: Db): ImageStore {
  const read = async (id: string): Promise<ApiImage> =>
    toImage(
      found(await db.selectFrom('image').selectAll().where('id', '=', id).executeTakeFirst(), 'picture', id),
    )
  return {
    read,
    list: async (product, query) => {
      const rows = await db
        .selectFrom('image')
        .selectAll()
        .where('product', '=', product)
        .where('deleted_at', query.deleted ? 'is not' : 'is', null)
        .$if(query.bucket !== undefined, (q) => q.where('bucket', '=', query.bucket ?? 'good'))
        .$if(query.split !== undefined, (q) => q.where('split', '=', query.split ?? 'train'))
        .$if(query.defect !== undefined, (q) => q.where('defect', '=', query.defect ?? ''))
        .$if(query.cursor !== undefined, (q) => q.where('id', '<', fromCursor(query.cursor ?? '')))
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute()
      return toPage(rows, query, toImage)
    },
    add: (image) =>
      transact(db, async (trx) => {
        const { defect = null, split } = image
        const use = placeOf(image.bucket, defect, split)
        const values = { ...image, name: toFileName(image.name), ...use }
        const added = await trx
          .insertInto('image')
          .values(values)
          .onConflict((c) => c.columns(['product', 'sha256']).doNothing())
          .returningAll()
          .executeTakeFirst()
        if (added !== undefined) return { image: toImage(added), isDuplicate: false }
        const { source, name } = values
        const revived = await trx
          .updateTable('image')
          .set({ ...use, name, source, deleted_at: null, mask_sha256: null })
          .where('product', '=', image.product)
          .where('sha256', '=', image.sha256)
          .where('deleted_at', 'is not', null)
          .returningAll()
          .executeTakeFirst()
        if (revived !== undefined) return { image: toImage(revived), isDuplicate: false }
        const there = await trx
          .selectFrom('image')
          .selectAll()
          .where('product', '=', image.product)
          .where('sha256', '=', image.sha256)
          .executeTakeFirst()
        // The same request again after a crash: the picture is its own.
        return { image: toImage(found(there, 'picture', image.id)), isDuplicate: there?.id !== image.id }
      }),
    change: (product, patch) =>
      transact(db, async (trx) => {
        const ids = [...new Set(patch.images)]
        const rows = await trx
          .selectFrom('image')
          .selectAll()
          .where('product', '=', product)
          .where('id', 'in', ids)
          .orderBy('id')
          .forUpdate()
          .execute()
        const known = new Set(rows.map((row) => row.id))
        for (const id of ids) found(known.has(id) ? id : undefined, 'picture of this product with the id', id)
        const changed: ApiImage[] = []
        for (const row of rows) {
          const bucket = patch.bucket ?? row.bucket
          const defect = patch.defect === undefined ? row.defect : patch.defect
          // A picture that changes its bucket gets the split of its new one unless it is said.
          const split = patch.split ?? (patch.bucket === undefined ? row.split : undefined)
          const deleted = { true: row.deleted_at ?? new Date(), false: null, undefined: row.deleted_at }
          const next = await trx
            .updateTable('image')
            .set({ ...placeOf(bucket, defect, split), deleted_at: deleted[`${patch.deleted}`] })
            .where('id', '=', row.id)
            .returningAll()
            .executeTakeFirstOrThrow()
          changed.push(toImage(next))
        }
        return changed
      }),
    setMask: async (id, sha256) => {
      const row = await db
        .updateTable('image')
        .set({ mask_sha256: sha256 })
        .where('id', '=', id)
        .where('bucket', '=', 'defect')
        .returningAll()
        .executeTakeFirst()
      if (row !== undefined) return toImage(row)
      await read(id)
      throw new AssayError('CONFLICT', {
        reason: 'only a picture of a defect has a mask',
        hint: 'Move it to the bucket of defects first.',
      })
    },
    purge: async (before) => {
      const gone = await db.deleteFrom('image').where('deleted_at', '<', before).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

/** Defects are for the test only, and only they have a kind. */
function placeOf(
  bucket: ImageTable['bucket'],
  defect: string | null,
  split: ImageTable['split'] | undefined,
): Pick<ImageTable, 'bucket' | 'defect' | 'split'> {
  return bucket === 'defect'
    ? { bucket, defect, split: 'test' }
    : { bucket, defect: null, split: split ?? 'train' }
}

function toImage(row: Selectable<ImageTable>): ApiImage {
  return {
    id: row.id,
    product: row.product,
    name: row.name,
    sha256: row.sha256,
    bytes: row.bytes,
    width: row.width,
    height: row.height,
    bucket: row.bucket,
    defect: row.defect,
    split: row.split,
    hasMask: row.mask_sha256 !== null,
    source: row.source,
    createdAt: toTime(row.created_at),
    deletedAt: toTime(row.deleted_at),
  }
}
