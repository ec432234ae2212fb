/** Every inspection of a product, to be searched, opened and exported; and how the scores wander. */
import type { ApiProduct } from '@assay/contract/api'
import { useLocation, useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { Tabs } from '../../part/tabs.tsx'
import { ProductScreen } from '../frame.tsx'
import { DriftView } from './drift.tsx'
import { Records } from './records.tsx'
import { SingleRecord } from './single.tsx'

export function History() {
  const { params, query } = useRoute()
  const id = params['product'] ?? ''
  const open = query['open'] ?? null
  return (
    <ProductScreen key={id} id={id} title="History">
      {(product) =>
        open === null ? <Lists product={product} /> : <SingleRecord product={product} inspection={open} />
      }
    </ProductScreen>
  )
}

function Lists({ product }: { product: ApiProduct }) {
  const { route, path } = useLocation()
  const [tab, setTab] = useState<'records' | 'drift'>('records')
  return (
    <>
      <div class="bar">
        <Tabs
          label="History"
          selected={tab}
          onSelect={setTab}
          tabs={[
            { name: 'records', text: 'Records', count: product.inspections },
            { name: 'drift', text: 'Scores over time' },
          ]}
        />
      </div>
      {tab === 'records' ? (
        <Records product={product} onOpen={(inspection) => route(`${path}?open=${inspection}`)} />
      ) : (
        <DriftView product={product} />
      )}
    </>
  )
}
