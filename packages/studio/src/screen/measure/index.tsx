/** Which parts of the picture count, by which rules, and how large a pixel is. */
import type { ApiImage, ApiProduct } from '@assay/contract/api'
import { useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { useHotkeys } from '../../state/hotkey.ts'
import { putJob } from '../../state/job.ts'
import { useLoad } from '../../state/load.ts'
import { putProduct } from '../../state/product.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'
import { ProductScreen } from '../frame.tsx'
import { Board, type Tool } from './board.tsx'
import { emptyZone, freeName, fromDraft, toDraft, type Draft, type Point } from './draft.ts'
import { Ruler } from './ruler.tsx'
import { ZoneForm } from './zone-form.tsx'

export function Measure() {
  const { params } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Measure">
      {(product) => <OnPicture product={product} />}
    </ProductScreen>
  )
}

function OnPicture({ product }: { product: ApiProduct }) {
  const list = useLoad(`measure ${product.id}`, async (signal) => {
    for (const bucket of ['good', 'defect', 'unsorted'] as const) {
      const { items } = await call('listImages', {
        product: product.id,
        query: { bucket, limit: 30 },
        signal,
      })
      if (items.length > 0) return items
    }
    return []
  })
  const [at, setAt] = useState(0)
  if (list.fault !== null) return <FaultNote fault={list.fault} onRetry={list.reload} />
  if (list.data === undefined) return <Waiting />
  const image = list.data[at % Math.max(1, list.data.length)]
  if (image === undefined)
    return (
      <Empty title="Zones are drawn on a picture">
        <a class="button primary" href={`/product/${product.id}`}>
          Add pictures
        </a>
      </Empty>
    )
  return <Editor product={product} image={image} onNext={() => setAt((n) => n + 1)} />
}

const tools: readonly { readonly name: Tool; readonly text: string; readonly key: string }[] = [
  { name: 'move', text: 'Move', key: 'm' },
  { name: 'rectangle', text: 'Rectangle', key: 'r' },
  { name: 'polygon', text: 'Polygon', key: 'p' },
  { name: 'ruler', text: 'Ruler', key: 'l' },
]

function Editor({ product, image, onNext }: { product: ApiProduct; image: ApiImage; onNext: () => void }) {
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => [toDraft(product.zones, image)])
  const [selected, setSelected] = useState<number | null>(null)
  const [tool, setTool] = useState<Tool>('move')
  const [ruler, setRuler] = useState<readonly [Point, Point] | null>(null)
  const draft = drafts.at(-1) ?? { mmPerPixel: null, zones: [] }
  const change = (next: Draft): void => setDrafts((old) => [...old.slice(-100), next])
  const isChanged =
    JSON.stringify(fromDraft(draft)) !== JSON.stringify(fromDraft(toDraft(product.zones, image)))
  const canEdit = may('engineer')
  const undo = (): void => setDrafts((old) => (old.length > 1 ? old.slice(0, -1) : old))
  const remove = (zone: number): void => {
    change({ ...draft, zones: draft.zones.toSpliced(zone, 1) })
    setSelected(null)
  }
  const save = async (): Promise<void> => {
    const before = product.zones
    putProduct(await call('changeProduct', { product: product.id, body: { zones: fromDraft(draft) } }))
    tell('Kept. They hold from the next calibration or training on.', async () =>
      putProduct(await call('changeProduct', { product: product.id, body: { zones: before } })),
    )
  }
  const calibrate = async (): Promise<void> => {
    if (product.activeModel === null) return
    putJob(await call('createJob', { body: { kind: 'calibrate', model: product.activeModel } }))
    tell('The calibration is queued; it makes a version with these zones.')
  }
  useHotkeys([
    ...tools.map(({ name, text, key }) => ({ key, does: text, run: () => setTool(name) })),
    { key: 'Backspace', does: 'Undo the last stroke', run: undo },
    { key: 'Delete', does: 'Remove the selected zone', run: () => selected !== null && remove(selected) },
  ])
  return (
    <>
      <div class="bar">
        <fieldset class="segments" aria-label="Tool">
          {tools.map(({ name, text, key }) => (
            <button
              key={name}
              type="button"
              title={`${text} (${key.toUpperCase()})`}
              aria-pressed={tool === name}
              onClick={() => setTool(name)}
            >
              {text}
            </button>
          ))}
        </fieldset>
        <button type="button" disabled={drafts.length < 2} onClick={undo}>
          Undo
        </button>
        <button type="button" onClick={onNext}>
          Another picture
        </button>
        <span class="grow" />
        <button
          type="button"
          class="primary"
          disabled={!isChanged || !canEdit}
          onClick={() => void attempt(save)}
        >
          Keep the zones
        </button>
        <button
          type="button"
          disabled={isChanged || product.activeModel === null || !canEdit}
          onClick={() => void attempt(calibrate)}
        >
          Calibrate with them
        </button>
      </div>
      <div class="columns">
        <section class="pane grow flush" aria-label="Picture">
          <Board
            image={image}
            zones={draft.zones}
            selected={selected}
            tool={tool}
            ruler={ruler}
            onSelect={setSelected}
            onDrawn={(polygon) => {
              change({
                ...draft,
                zones: [...draft.zones, { ...emptyZone, name: freeName(draft.zones, 'inspect'), polygon }],
              })
              setSelected(draft.zones.length)
              setTool('move')
            }}
            onCorners={(zone, polygon) => {
              const old = draft.zones[zone]
              if (old !== undefined) change({ ...draft, zones: draft.zones.with(zone, { ...old, polygon }) })
            }}
            onRuler={setRuler}
          />
        </section>
        <aside class="pane aside scroll stack" aria-label="Zones and scale">
          <h2>Zones</h2>
          {draft.zones.length === 0 && (
            <p class="soft">
              All of the picture is inspected. Draw a rectangle or a polygon around what counts, or around
              what is to be ignored.
            </p>
          )}
          {draft.zones.map((zone, i) => (
            <ZoneForm
              key={i}
              zone={zone}
              isSelected={i === selected}
              hasScale={draft.mmPerPixel !== null}
              isTaken={(name) => draft.zones.some((other, j) => j !== i && other.name === name)}
              onSelect={() => setSelected(i)}
              onChange={(next) => change({ ...draft, zones: draft.zones.with(i, next) })}
              onRemove={() => remove(i)}
            />
          ))}
          <h2>Scale</h2>
          <Ruler
            ruler={ruler}
            mmPerPixel={draft.mmPerPixel}
            onScale={(mmPerPixel) => change({ ...draft, mmPerPixel })}
            onRuler={() => setTool('ruler')}
          />
        </aside>
      </div>
    </>
  )
}
