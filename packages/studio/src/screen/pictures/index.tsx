/** Pictures of a product: dropped, sorted into buckets, looked through, and what the studio makes of them. */
import { bucketNames, type ApiImage, type ApiProduct } from '@assay/contract/api'
import { useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { addressOf, call } from '../../client/request.ts'
import { uploadPictures, type NamedFile } from '../../client/upload.ts'
import { Gallery } from '../../part/gallery.tsx'
import { Icon } from '../../part/icon.tsx'
import { Intake, IntakeButtons } from '../../part/intake.tsx'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { countOf } from '../../part/number.ts'
import { Tabs } from '../../part/tabs.tsx'
import { useHotkeys } from '../../state/hotkey.ts'
import { useLoad } from '../../state/load.ts'
import { refreshProduct } from '../../state/product.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'
import { ProductScreen } from '../frame.tsx'
import { changePictures, type Change } from './change.ts'
import { Doctor } from './doctor.tsx'
import { PictureDialog } from './picture-dialog.tsx'
import { Understanding } from './understanding.tsx'

type Bucket = (typeof bucketNames)[number]

const bucketWords: Readonly<Record<Bucket, string>> = { good: 'Good', defect: 'Defect', unsorted: 'Unsorted' }
const pageSize = 500

export function Pictures() {
  const { params } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Pictures">
      {(product) => <Material key={id} product={product} />}
    </ProductScreen>
  )
}

function Material({ product }: { product: ApiProduct }) {
  const { id, images: counts } = product
  const [bucket, setBucket] = useState<Bucket>('good')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [open, setOpen] = useState<string | null>(null)
  const [upload, setUpload] = useState<{ readonly done: number; readonly of: number } | null>(null)
  const [turn, setTurn] = useState(0)
  const canEdit = may('engineer')
  const list = useLoad(`images ${id} ${bucket}`, async (signal) =>
    call('listImages', { product: id, query: { bucket, limit: pageSize }, signal }),
  )
  const items = list.data?.items ?? []
  const refresh = (): void => {
    list.reload()
    setTurn((n) => n + 1)
    void attempt(() => refreshProduct(id))
  }
  const more = async (): Promise<void> => {
    const { data } = list
    if (data?.next == null) return
    const next = await call('listImages', {
      product: id,
      query: { bucket, limit: pageSize, cursor: data.next },
    })
    list.set({ items: [...data.items, ...next.items], next: next.next })
  }
  const take = async (files: readonly NamedFile[], source: 'upload' | 'camera'): Promise<void> => {
    setUpload({ done: 0, of: files.length })
    const added = await attempt(() =>
      uploadPictures(files, {
        product: id,
        bucket,
        source,
        onProgress: (done) => setUpload({ done, of: files.length }),
      }),
    )
    setUpload(null)
    refresh()
    if (added === undefined) return
    const words = [`${countOf(added.added.length, 'picture')} added to “${bucketWords[bucket]}”.`]
    if (added.duplicates > 0) words.push(`${added.duplicates} were there already.`)
    const [refused] = added.refused
    if (refused !== undefined) words.push(`${added.refused.length} refused: ${refused.reason}`)
    const ids = added.added.map((image) => image.id)
    tell(
      words.join(' '),
      ids.length === 0
        ? null
        : async () => {
            await call('changeImages', { product: id, body: { images: ids, deleted: true } })
            refresh()
          },
    )
  }
  const change = async (to: Change): Promise<void> => {
    const before = items.filter((image) => chosen.has(image.id))
    if (before.length === 0 || !canEdit) return
    setChosen(new Set())
    await attempt(() => changePictures(id, before, to, refresh))
  }
  const move = (to: Bucket): void => void change({ bucket: to })
  useHotkeys([
    { key: 'g', does: 'The chosen pictures are good', run: () => move('good') },
    { key: 'd', does: 'The chosen pictures are defects', run: () => move('defect') },
    { key: 'u', does: 'The chosen pictures are unsorted', run: () => move('unsorted') },
    {
      key: 't',
      does: 'The chosen good pictures are for the test',
      run: () => void change({ split: 'test' }),
    },
    { key: 'Delete', does: 'Delete the chosen pictures', run: () => void change({ deleted: true }) },
  ])
  const at = items.findIndex((image) => image.id === open)
  const shown = items[at]
  return (
    <Intake isDisabled={!canEdit || upload !== null} onFiles={(files, source) => void take(files, source)}>
      <div class="columns">
        <section class="pane grow" aria-label="Pictures">
          <div class="bar">
            <Tabs
              label="Buckets"
              selected={bucket}
              onSelect={(name) => {
                setBucket(name)
                setChosen(new Set())
              }}
              tabs={bucketNames.map((name) => ({ name, text: bucketWords[name], count: counts[name] }))}
            />
            <span class="grow" />
            <IntakeButtons
              isDisabled={!canEdit || upload !== null}
              onFiles={(files, source) => void take(files, source)}
            />
          </div>
          {upload !== null && (
            <div class="bar tight" role="status">
              <progress value={upload.done} max={upload.of} aria-label="Upload" />
              <span class="soft">
                {upload.done} of {countOf(upload.of, 'picture')}
              </span>
            </div>
          )}
          {chosen.size > 0 && (
            <div class="bar tight selection">
              <b>{chosen.size} chosen</b>
              {bucketNames
                .filter((name) => name !== bucket)
                .map((name) => (
                  <button key={name} type="button" disabled={!canEdit} onClick={() => move(name)}>
                    To {bucketWords[name].toLowerCase()}
                  </button>
                ))}
              {bucket === 'good' && (
                <>
                  <button type="button" disabled={!canEdit} onClick={() => void change({ split: 'test' })}>
                    For the test
                  </button>
                  <button type="button" disabled={!canEdit} onClick={() => void change({ split: 'train' })}>
                    For training
                  </button>
                </>
              )}
              <button type="button" disabled={!canEdit} onClick={() => void change({ deleted: true })}>
                <Icon name="trash" size={16} />
                Delete
              </button>
              <button type="button" class="plain" onClick={() => setChosen(new Set())}>
                Choose none
              </button>
            </div>
          )}
          {list.fault !== null && <FaultNote fault={list.fault} onRetry={list.reload} />}
          {list.data === undefined && list.isLoading ? (
            <Waiting />
          ) : items.length === 0 ? (
            <Empty title={`No ${bucketWords[bucket].toLowerCase()} pictures yet`}>
              <p>{bucketHints[bucket]}</p>
            </Empty>
          ) : (
            <Gallery
              label={`${bucketWords[bucket]} pictures`}
              items={items.map(toCell)}
              chosen={chosen}
              onChoose={setChosen}
              onOpen={(item) => setOpen(item.id)}
              onEnd={() => void attempt(more)}
              renderMark={(item) => <Marks image={item.image} />}
            />
          )}
        </section>
        <aside class="pane aside" aria-label="What was understood">
          <Understanding
            product={product}
            turn={`${turn} ${counts.good} ${counts.defect} ${counts.unsorted}`}
          />
          <Doctor
            product={id}
            onChoose={(ids, of) => {
              setBucket(of)
              setChosen(new Set(ids))
            }}
            isKnown={(image) => items.some((item) => item.id === image)}
          />
        </aside>
      </div>
      {shown !== undefined && (
        <PictureDialog
          image={shown}
          position={`${at + 1} of ${items.length}`}
          canEdit={canEdit}
          onStep={(step) => setOpen(items[(at + step + items.length) % items.length]?.id ?? null)}
          onChanged={refresh}
          onClose={() => setOpen(null)}
        />
      )}
    </Intake>
  )
}

const bucketHints: Readonly<Record<Bucket, string>> = {
  good: 'Drop pictures of good parts here, or a folder of them. Twenty are a beginning; a hundred are better.',
  defect:
    'Defects are not learned from. They test how many a model finds and where its threshold should lie.',
  unsorted: 'Drop pictures here that nobody has looked at yet, and sort them with G and D.',
}

const toCell = (image: ApiImage) => ({
  id: image.id,
  label: image.name,
  src: addressOf('readImageThumbnail', { image: image.id }),
  image,
})

function Marks({ image }: { image: ApiImage }) {
  return (
    <>
      {image.bucket === 'good' && image.split === 'test' && <span class="chip">test</span>}
      {image.source === 'feedback' && <span class="chip">feedback</span>}
      {image.defect !== null && <span class="chip">{image.defect}</span>}
      {image.hasMask && <span class="chip">mask</span>}
    </>
  )
}
