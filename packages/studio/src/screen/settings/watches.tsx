/** Folders whose new pictures are inspected by themselves. */
import { useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { FaultNote } from '../../part/notice.tsx'
import { useLoad } from '../../state/load.ts'
import { productOf, products } from '../../state/product.ts'
import { attempt, tell } from '../../state/toast.ts'

export function Watches({ canEdit }: { canEdit: boolean }) {
  const list = useLoad('watches', (signal) => call('listWatches', { signal }))
  const [product, setProduct] = useState('')
  const [folder, setFolder] = useState('')
  const add = async (event: Event): Promise<void> => {
    event.preventDefault()
    await call('createWatch', { body: { product, folder } })
    setFolder('')
    list.reload()
    tell('The folder is watched from now on.')
  }
  const remove = async (watch: {
    readonly id: string
    readonly product: string
    readonly folder: string
  }): Promise<void> => {
    await call('deleteWatch', { watch: watch.id })
    list.reload()
    tell('The folder is no longer watched.', async () => {
      await call('createWatch', { body: { product: watch.product, folder: watch.folder } })
      list.reload()
    })
  }
  return (
    <section class="pane stack" aria-label="Watched folders">
      <h2>Watched folders</h2>
      <p class="soft">
        Every picture that appears in a watched folder is inspected once. Folders lie below those that the
        studio was started with (<code>--watch-root</code>).
      </p>
      {list.fault !== null && <FaultNote fault={list.fault} onRetry={list.reload} />}
      {(list.data?.items ?? []).length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th>Folder</th>
              <th>Product</th>
              <th class="number">Inspected</th>
              <th>State</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {(list.data?.items ?? []).map((watch) => (
              <tr key={watch.id}>
                <td>
                  <code>{watch.folder}</code>
                </td>
                <td>{productOf(watch.product)?.name}</td>
                <td class="number">{watch.seen}</td>
                <td>{watch.lastError ?? (watch.isRunning ? 'watched' : 'stopped')}</td>
                <td class="actions">
                  <button type="button" disabled={!canEdit} onClick={() => void attempt(() => remove(watch))}>
                    Stop
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form class="row" onSubmit={(event) => void attempt(() => add(event))}>
        <label class="field">
          Product
          <select required value={product} onChange={({ currentTarget }) => setProduct(currentTarget.value)}>
            <option value="">choose</option>
            {(products.value ?? []).map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field grow">
          Folder on the server
          <input
            type="text"
            required
            value={folder}
            onInput={({ currentTarget }) => setFolder(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!canEdit || product === '' || folder === ''}>
          Watch it
        </button>
      </form>
    </section>
  )
}
