/** All products, and the making of a new one. */
import type { ApiProduct } from '@assay/contract/api'
import { useLocation } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import { addressOf, call } from '../client/request.ts'
import { Dialog } from '../part/dialog.tsx'
import { Icon } from '../part/icon.tsx'
import { Empty, Waiting } from '../part/notice.tsx'
import { countOf } from '../part/number.ts'
import { useHotkeys } from '../state/hotkey.ts'
import { isUnfinished, jobsOf } from '../state/job.ts'
import { useLoad } from '../state/load.ts'
import { products, putProduct } from '../state/product.ts'
import { may } from '../state/session.ts'
import { attempt } from '../state/toast.ts'

export function Products() {
  const { path, route } = useLocation()
  const [isMaking, setIsMaking] = useState(false)
  useEffect(() => {
    if (path !== '/') route('/', true)
  }, [path])
  const canMake = may('engineer')
  useHotkeys(canMake ? [{ key: 'n', does: 'New product', run: () => setIsMaking(true) }] : [])
  const all = products.value
  if (all === undefined) return <Waiting />
  return (
    <div class="screen">
      <header class="screen-head">
        <h1>Products</h1>
        <div class="tools">
          <button type="button" class="primary" disabled={!canMake} onClick={() => setIsMaking(true)}>
            <Icon name="plus" />
            New product
          </button>
        </div>
      </header>
      {all.length === 0 ? (
        <Empty title="Begin with a product">
          <p>
            A product is one kind of part, seen the same way each time. Make one, then drop pictures of good
            parts on it.
          </p>
          <ol class="steps">
            <li>Collect pictures of good parts, twenty or more</li>
            <li>Train, which takes minutes</li>
            <li>Decide where the threshold lies</li>
            <li>Inspect, review, and train again with what was wrong</li>
          </ol>
        </Empty>
      ) : (
        <ul class="product-cards">
          {all.map((product) => (
            <li key={product.id}>
              <ProductCard product={product} />
            </li>
          ))}
        </ul>
      )}
      {isMaking && <NewProduct onClose={() => setIsMaking(false)} />}
    </div>
  )
}

function ProductCard({ product }: { product: ApiProduct }) {
  const { id, name, images, inspections, activeModel } = product
  const total = images.good + images.defect + images.unsorted
  const first = useLoad(`first ${id} ${total}`, (signal) =>
    call('listImages', { product: id, query: { limit: 4 }, signal }),
  )
  const running = jobsOf(id).find(isUnfinished)
  const next =
    total === 0
      ? 'Add pictures of good parts'
      : running !== undefined
        ? `Training, ${Math.round(running.progress * 100)} %`
        : activeModel === null
          ? 'Ready for its first training'
          : countOf(inspections, 'inspection')
  return (
    <a class="card product-card" href={`/product/${id}${activeModel === null ? '' : '/inspect'}`}>
      <div class="product-strip" aria-hidden="true">
        {(first.data?.items ?? []).map((image) => (
          <img
            key={image.id}
            src={addressOf('readImageThumbnail', { image: image.id })}
            alt=""
            loading="lazy"
          />
        ))}
      </div>
      <b>{name}</b>
      <span class="soft">
        {images.good} good · {images.defect} defect{images.unsorted > 0 && ` · ${images.unsorted} unsorted`}
      </span>
      <span class={activeModel === null ? 'state' : 'state ready'}>{next}</span>
    </a>
  )
}

function NewProduct({ onClose }: { onClose: () => void }) {
  const { route } = useLocation()
  const [name, setName] = useState('')
  const make = async (event: Event): Promise<void> => {
    event.preventDefault()
    const product = await attempt(() => call('createProduct', { body: { name } }))
    if (product === undefined) return
    putProduct(product)
    onClose()
    route(`/product/${product.id}`)
  }
  return (
    <Dialog
      title="New product"
      onClose={onClose}
      foot={
        <button type="submit" form="new-product" class="primary" disabled={name.trim() === ''}>
          Make it
        </button>
      }
    >
      <form id="new-product" onSubmit={(event) => void make(event)}>
        <label class="field">
          Name
          <input
            type="text"
            maxLength={80}
            placeholder="Flange 40 mm, top view"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
      </form>
    </Dialog>
  )
}
