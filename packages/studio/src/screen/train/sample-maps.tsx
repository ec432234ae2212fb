/** What the model that inspects now makes of a few pictures. */
import type { ApiInspection, ApiProduct } from '@assay/contract/api'
import { useMemo } from 'preact/hooks'
import { addressOf, call } from '../../client/request.ts'
import { Verdict } from '../../part/verdict.tsx'
import { endings, putJob } from '../../state/job.ts'
import { useLoad } from '../../state/load.ts'
import { may } from '../../state/session.ts'
import { attempt } from '../../state/toast.ts'
import { useLayers } from '../../view/layers-of.ts'
import { PartView } from '../../view/part-view.tsx'
import { createZoom } from '../../view/zoom.ts'

const most = 6

export function SampleMaps({ product }: { product: ApiProduct }) {
  const { id, activeModel } = product
  const model = activeModel ?? ''
  const found = useLoad(`samples ${model} ${endings.value}`, (signal) =>
    call('listInspections', { query: { product: id, model, limit: most }, signal }),
  )
  const inspect = async (): Promise<void> => {
    const [defect, good] = await Promise.all(
      (['defect', 'good'] as const).map((bucket) =>
        call('listImages', { product: id, query: { bucket, limit: most } }),
      ),
    )
    const images = [...(defect?.items ?? []), ...(good?.items ?? [])].slice(0, most).map((image) => image.id)
    putJob(await call('createJob', { body: { kind: 'inspect', product: id, images } }))
  }
  const items = found.data?.items ?? []
  return (
    <section class="stack">
      <div class="bar tight">
        <h2 class="grow">Sample maps of the active model</h2>
        <button type="button" disabled={!may('engineer')} onClick={() => void attempt(inspect)}>
          Show it on {most} pictures
        </button>
      </div>
      {items.length === 0 && <p class="soft">The model has not inspected anything yet.</p>}
      <ul class="samples">
        {items.map((inspection) => (
          <li key={inspection.id}>
            <Sample inspection={inspection} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Sample({ inspection }: { inspection: ApiInspection }) {
  const zoom = useMemo(createZoom, [])
  const layers = useLayers(inspection)
  return (
    <a href={`/product/${inspection.product}/history?open=${inspection.id}`}>
      <PartView
        label={inspection.name}
        src={addressOf('readInspectionView', { inspection: inspection.id })}
        size={null}
        zoom={zoom}
        heat={layers.data?.heat ?? null}
        outline={layers.data?.outline ?? null}
        opacity={0.8}
      />
      <Verdict verdict={inspection.record.verdict} isSmall />
    </a>
  )
}
