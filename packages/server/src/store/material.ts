/** The pictures of a product that are not deleted, as what a job or the doctor may use them for. */
import type { Db, ImageTable } from '../database/index.ts'

export interface MaterialImage {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly width: number
  readonly height: number
  readonly bucket: ImageTable['bucket']
  readonly split: ImageTable['split']
  readonly defect: string | null
  readonly mask: string | null
}

export interface MaterialStore {
  /** In the order in which they came. */
  read(product: string): Promise<MaterialImage[]>
}

export function createMaterialStore(db: Db): MaterialStore {
  return {
    read: (product) =>
      db
        .selectFrom('image')
        .select([
          'id',
          'name',
          'sha256',
          'width',
          'height',
          'bucket',
          'split',
          'defect',
          'mask_sha256 as mask',
        ])
        .where('product', '=', product)
        .where('deleted_at', 'is', null)
        .orderBy('id')
        .execute(),
  }
}
