/** Changes of many pictures, each with its way back. */
import type { ApiImage } from '@assay/contract/api'
import { call } from '../../client/request.ts'
import { countOf } from '../../part/number.ts'
import { tell } from '../../state/toast.ts'

export interface Change {
  readonly bucket?: ApiImage['bucket']
  readonly split?: ApiImage['split']
  readonly defect?: string | null
  readonly deleted?: boolean
}

export async function changePictures(
  product: string,
  before: readonly ApiImage[],
  change: Change,
  onChanged: () => void,
): Promise<void> {
  await call('changeImages', { product, body: { images: before.map(({ id }) => id), ...change } })
  onChanged()
  tell(`${countOf(before.length, 'picture')} ${wordsOf(change)}.`, async () => {
    // Back to what each was; those that were alike go in one request.
    for (const group of Map.groupBy(
      before,
      ({ bucket, split, defect }) => `${bucket}/${split}/${defect ?? ''}`,
    ).values()) {
      const { bucket, split, defect } = group[0] ?? { bucket: 'unsorted', split: 'train', defect: null }
      const back = bucket === 'defect' ? { bucket, defect } : { bucket, split }
      await call('changeImages', {
        product,
        body: { images: group.map(({ id }) => id), deleted: false, ...back },
      })
    }
    onChanged()
  })
}

function wordsOf({ bucket, split, defect, deleted }: Change): string {
  if (deleted === true) return 'deleted'
  if (bucket !== undefined) return `moved to “${bucket}”`
  if (split !== undefined) return split === 'test' ? 'kept for the test' : 'used for training'
  return defect === null ? 'without a kind of defect' : `marked as “${defect ?? ''}”`
}
