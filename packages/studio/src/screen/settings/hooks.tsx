/** Where messages about inspections go. */
import { useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { FaultNote } from '../../part/notice.tsx'
import { useLoad } from '../../state/load.ts'
import { productOf, products } from '../../state/product.ts'
import { attempt, tell } from '../../state/toast.ts'

const onWords = {
  every: 'every inspection',
  defect: 'defects',
  'unsure-or-defect': 'defects and unsure ones',
} as const
type On = keyof typeof onWords

export function Hooks({ canEdit }: { canEdit: boolean }) {
  const targets = useLoad('targets', (signal) => call('listTargets', { signal }))
  const list = useLoad('hooks', (signal) => call('listHooks', { signal }))
  const [product, setProduct] = useState('')
  const [target, setTarget] = useState('')
  const [on, setOn] = useState<On>('unsure-or-defect')
  const known = targets.data?.items ?? []
  const add = async (event: Event): Promise<void> => {
    event.preventDefault()
    await call('createHook', { body: { product, target, on } })
    list.reload()
    tell('Messages are sent from now on.')
  }
  const remove = async (hook: {
    readonly id: string
    readonly product: string
    readonly target: string
    readonly on: On
  }): Promise<void> => {
    await call('deleteHook', { hook: hook.id })
    list.reload()
    tell('No messages are sent any more.', async () => {
      await call('createHook', { body: { product: hook.product, target: hook.target, on: hook.on } })
      list.reload()
    })
  }
  return (
    <section class="pane stack" aria-label="Messages">
      <h2>Messages to the line</h2>
      {(targets.fault ?? list.fault) !== null && <FaultNote fault={(targets.fault ?? list.fault)!} />}
      {known.length === 0 ? (
        <p class="soft">
          No webhook or MQTT target is configured. Targets come from the file that the studio is started with
          (<code>--targets</code>), never from this page.
        </p>
      ) : (
        <p class="soft">
          Targets:{' '}
          {known
            .map(
              ({ name, kind, isReachable }) =>
                `${name} (${kind}${isReachable === false ? ', not reached' : ''})`,
            )
            .join(', ')}
          .
        </p>
      )}
      {(list.data?.items ?? []).length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th>Product</th>
              <th>Target</th>
              <th>About</th>
              <th class="number">Sent</th>
              <th class="number">Waiting</th>
              <th>State</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {(list.data?.items ?? []).map((hook) => (
              <tr key={hook.id}>
                <td>{productOf(hook.product)?.name}</td>
                <td>{hook.target}</td>
                <td>{onWords[hook.on]}</td>
                <td class="number">{hook.sent}</td>
                <td class="number">{hook.waiting}</td>
                <td>{hook.lastError ?? 'well'}</td>
                <td class="actions">
                  <button type="button" disabled={!canEdit} onClick={() => void attempt(() => remove(hook))}>
                    Stop
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {known.length > 0 && (
        <form class="row" onSubmit={(event) => void attempt(() => add(event))}>
          <label class="field">
            Product
            <select
              required
              value={product}
              onChange={({ currentTarget }) => setProduct(currentTarget.value)}
            >
              <option value="">choose</option>
              {(products.value ?? []).map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Target
            <select required value={target} onChange={({ currentTarget }) => setTarget(currentTarget.value)}>
              <option value="">choose</option>
              {known.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            About
            <select
              value={on}
              onChange={({ currentTarget: { value } }) =>
                setOn((Object.keys(onWords) as On[]).find((name) => name === value) ?? 'every')
              }
            >
              {(Object.keys(onWords) as On[]).map((name) => (
                <option key={name} value={name}>
                  {onWords[name]}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" disabled={!canEdit || product === '' || target === ''}>
            Send
          </button>
        </form>
      )}
    </section>
  )
}
