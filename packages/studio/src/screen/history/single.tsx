/** One record of the history, opened. */
import type { ApiProduct } from '@assay/contract/api'
import { useLocation } from 'preact-iso'
import { addressOf, call } from '../../client/request.ts'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { useHotkeys } from '../../state/hotkey.ts'
import { useLoad } from '../../state/load.ts'
import { InspectionView } from '../inspection/index.tsx'

export function SingleRecord({ product, inspection }: { product: ApiProduct; inspection: string }) {
  const { route, path } = useLocation()
  const record = useLoad(`record ${inspection}`, (signal) => call('readInspection', { inspection, signal }))
  const near = useLoad(`near ${product.id}`, (signal) =>
    call('listInspections', { query: { product: product.id, limit: 500 }, signal }),
  )
  useHotkeys([{ key: 'Escape', does: 'Back to the list', run: () => route(path) }])
  const ids = (near.data?.items ?? []).map(({ id }) => id)
  const step = (by: number): void => {
    const next = ids[(ids.indexOf(inspection) + by + ids.length) % ids.length]
    if (next !== undefined) route(`${path}?open=${next}`, true)
  }
  return (
    <>
      <div class="bar">
        <a class="button" href={path}>
          All records
        </a>
        <span class="grow" />
        <a
          class="button"
          href={addressOf('readInspectionPicture', { inspection })}
          download={record.data?.name}
        >
          Picture
        </a>
        <a class="button" href={addressOf('readInspectionMap', { inspection }, { format: 'tiff' })} download>
          Map
        </a>
        <a class="button" href={addressOf('readInspectionMask', { inspection })} download="mask.png">
          Mask
        </a>
      </div>
      {record.fault !== null && <FaultNote fault={record.fault} onRetry={record.reload} />}
      {record.data === undefined ? (
        record.fault === null && <Waiting />
      ) : (
        <InspectionView product={product} inspection={record.data} onChanged={record.set} onStep={step} />
      )}
    </>
  )
}
