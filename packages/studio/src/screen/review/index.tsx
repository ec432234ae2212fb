/** The queue of inspections that a human should look at; the decision stands beside the model's word. */
import type { ApiInspection, ApiProduct } from '@assay/contract/api'
import { useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { Tabs } from '../../part/tabs.tsx'
import { useLoad } from '../../state/load.ts'
import { viewMode } from '../../state/shown.ts'
import { NoModel, ProductScreen } from '../frame.tsx'
import { InspectionView } from '../inspection/index.tsx'

const queues = {
  defect: { text: 'Called defect', query: { verdict: 'defect', decided: 'false' } },
  unsure: { text: 'Unsure', query: { verdict: 'unsure', decided: 'false' } },
  close: { text: 'Close calls', query: { verdict: 'good', decided: 'false', minScore: 0.25 } },
  disagrees: { text: 'Shadow disagrees', query: { disagrees: 'true', decided: 'false' } },
} as const
type Queue = keyof typeof queues

export function Review() {
  const { params } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Review">
      {(product) =>
        product.activeModel === null && product.inspections === 0 ? (
          <NoModel
            product={product}
            why="The queue fills with what a model calls a defect or is unsure about."
          />
        ) : (
          <Queued product={product} />
        )
      }
    </ProductScreen>
  )
}

function Queued({ product }: { product: ApiProduct }) {
  const [queue, setQueue] = useState<Queue>('defect')
  return (
    <>
      <div class="bar">
        <Tabs
          label="Queues"
          selected={queue}
          onSelect={setQueue}
          tabs={(Object.keys(queues) as Queue[]).map((name) => ({ name, text: queues[name].text }))}
        />
        <span class="grow" />
        <button
          type="button"
          onClick={() => (viewMode.value = viewMode.value === 'reveal' ? 'overlay' : 'reveal')}
        >
          {viewMode.value === 'reveal' ? 'Without the slider' : 'Reveal slider'}
        </button>
      </div>
      <Line key={queue} product={product} queue={queue} />
    </>
  )
}

function Line({ product, queue }: { product: ApiProduct; queue: Queue }) {
  const list = useLoad(`review ${product.id} ${queue}`, (signal) =>
    call('listInspections', { query: { product: product.id, limit: 200, ...queues[queue].query }, signal }),
  )
  const [at, setAt] = useState(0)
  const items = list.data?.items ?? []
  if (list.fault !== null) return <FaultNote fault={list.fault} onRetry={list.reload} />
  if (list.data === undefined) return <Waiting />
  const current = items[Math.min(at, items.length - 1)]
  if (current === undefined)
    return (
      <Empty title="Nothing waits here">
        <p>New inspections come into the queue by themselves; look again later, or at another queue.</p>
        <button type="button" onClick={list.reload}>
          Look again
        </button>
      </Empty>
    )
  const step = (by: number): void =>
    setAt((old) => (Math.min(old, items.length - 1) + by + items.length) % items.length)
  const change = (inspection: ApiInspection): void => {
    const wasDecided = current.decision !== null
    list.set({
      next: list.data?.next ?? null,
      items: items.map((item) => (item.id === inspection.id ? inspection : item)),
    })
    // On to the next that waits; what was decided stays in the line, so that one can go back to it.
    if (inspection.id === current.id && inspection.decision !== null && !wasDecided && items.length > 1)
      step(1)
  }
  const waiting = items.filter(({ decision }) => decision === null).length
  return (
    <InspectionView product={product} inspection={current} onChanged={change} onStep={step}>
      <p class="soft" role="status">
        {items.indexOf(current) + 1} of {items.length} · {waiting} wait
        {list.data.next !== null && ' · more come after these'}
      </p>
    </InspectionView>
  )
}
