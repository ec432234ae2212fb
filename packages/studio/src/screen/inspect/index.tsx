/** Inspecting pictures that are dropped, chosen or taken: the part first, then why. */
import type { ApiProduct } from '@assay/contract/api'
import { useRoute } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import type { NamedFile } from '../../client/upload.ts'
import { Intake, IntakeButtons } from '../../part/intake.tsx'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { clearItems, inspectFiles, items, putInspection, type Item } from '../../state/inspected.ts'
import { NoModel, ProductScreen } from '../frame.tsx'
import { InspectionView } from '../inspection/index.tsx'
import { Strip } from './strip.tsx'

export function Inspect() {
  const { params } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Inspect">
      {(product) =>
        product.activeModel === null ? (
          <NoModel
            product={product}
            why="Pictures can be inspected once a model has learned what good parts look like."
          />
        ) : (
          <Bench product={product} />
        )
      }
    </ProductScreen>
  )
}

function Bench({ product }: { product: ApiProduct }) {
  const own = items.value.filter((item) => item.product === product.id)
  const [selected, setSelected] = useState<number | null>(null)
  const at = own.findIndex(({ key }) => key === selected)
  const current = own[at] ?? own[0]
  const take = (files: readonly NamedFile[]): void => inspectFiles(product.id, files)
  const step = (by: number): void => {
    const place = Math.max(0, at)
    const next = own[(place + by + own.length) % own.length]
    if (next !== undefined) setSelected(next.key)
  }
  // What just came is looked at first, unless somebody looks at another.
  const last = own.at(-1)?.key ?? null
  useEffect(() => {
    if (selected === null && last !== null) setSelected(own[0]?.key ?? null)
  }, [last])
  const done = own.filter(({ state }) => state.type === 'done' || state.type === 'failed').length
  return (
    <Intake onFiles={take}>
      <div class="bar">
        <IntakeButtons onFiles={take} />
        <span class="grow" />
        {own.length > 0 && (
          <>
            <span class="soft" role="status">
              {done} of {own.length} inspected
            </span>
            <button type="button" onClick={() => clearItems(product.id)}>
              Clear
            </button>
          </>
        )}
      </div>
      {current === undefined ? (
        <Empty title="Drop pictures here to inspect them">
          <p>One, many, or a folder. Every record is kept in the history with its map and mask.</p>
        </Empty>
      ) : (
        <Current product={product} item={current} onStep={step} />
      )}
      {own.length > 0 && <Strip items={own} selected={current?.key ?? null} onSelect={setSelected} />}
    </Intake>
  )
}

interface CurrentProps {
  readonly product: ApiProduct
  readonly item: Item
  readonly onStep: (step: number) => void
}

function Current({ product, item, onStep }: CurrentProps) {
  const { state, name } = item
  if (state.type === 'failed')
    return (
      <div class="inspection-none">
        <p class="name">{name}</p>
        <FaultNote fault={state.fault} />
      </div>
    )
  if (state.type !== 'done')
    return (
      <div class="inspection-none">
        <Waiting what={state.type === 'busy' ? `Inspecting ${name}` : `${name} waits`} />
      </div>
    )
  return (
    <InspectionView
      product={product}
      inspection={state.inspection}
      onChanged={putInspection}
      onStep={onStep}
    />
  )
}
