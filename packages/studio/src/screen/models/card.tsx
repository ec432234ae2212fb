/** The card of a model: where it comes from, what it promises, and whether it computes the same everywhere. */
import { call } from '../../client/request.ts'
import { Dialog } from '../../part/dialog.tsx'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { formatPercent, formatRate, formatScore } from '../../part/number.ts'
import { useLoad } from '../../state/load.ts'
import { Fact } from '../pictures/understanding.tsx'

export function Card({ model, onClose }: { model: string; onClose: () => void }) {
  const facts = useLoad(`model ${model}`, (signal) => call('readModel', { model, signal }))
  const { data, fault } = facts
  return (
    <Dialog title={data === undefined ? 'Card' : `Card of version ${data.version}`} isWide onClose={onClose}>
      {fault !== null && <FaultNote fault={fault} onRetry={facts.reload} />}
      {data === undefined ? (
        fault === null && <Waiting />
      ) : (
        <div class="stack">
          <dl class="facts two-columns">
            <Fact name="Method" value={data.card.method} />
            <Fact name="Backbone" value={`${data.card.weights.backbone} (${data.card.weights.licence})`} />
            <Fact name="Profile" value={data.card.recipe.profile} />
            <Fact name="Made by" value={`Assay ${data.card.assay}`} />
            <Fact
              name="Truth it saw"
              value={data.card.sees === 'good' ? 'good pictures only' : 'test pictures'}
            />
            <Fact name="SHA-256" value={data.sha256.slice(0, 16)} />
            {data.card.products.map((product) => (
              <ProductFacts key={product.name} product={product} />
            ))}
          </dl>
          {data.card.choice !== undefined && (
            <p class="soft">The method was chosen by comparison on these pictures.</p>
          )}
          <h3>The same on every device</h3>
          {data.card.parity.length === 0 ? (
            <p class="soft">This file holds no comparison of devices.</p>
          ) : (
            <table class="table">
              <thead>
                <tr>
                  <th>Device</th>
                  <th class="number">Pictures</th>
                  <th class="number">Score differs by</th>
                  <th class="number">Map</th>
                  <th class="number">Mask</th>
                </tr>
              </thead>
              <tbody>
                {data.card.parity.map((row) => (
                  <tr key={row.provider}>
                    <td>{row.provider}</td>
                    <td class="number">{row.images}</td>
                    <td class="number">{formatPercent(row.score, 4)}</td>
                    <td class="number">{formatPercent(row.map, 4)}</td>
                    <td class="number">{formatPercent(row.mask, 4)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <details>
            <summary>The whole card</summary>
            <pre class="code" tabIndex={0}>
              {JSON.stringify(data.card, null, 2)}
            </pre>
          </details>
        </div>
      )}
    </Dialog>
  )
}

type CardProduct = NonNullable<Awaited<ReturnType<typeof call<'readModel'>>>>['card']['products'][number]

function ProductFacts({ product }: { product: CardProduct }) {
  return (
    <>
      <Fact name="Input" value={`${product.width} × ${product.height}`} />
      <Fact
        name="Threshold"
        value={`${formatScore(product.image.threshold)}${product.byHand === true ? ', by hand' : ''}`}
      />
      <Fact name="Aim" value={`${formatRate(product.falseAlarms)} good parts`} />
      {product.promised !== null && <Fact name="Promised" value={promiseOf(product.promised)} />}
      <Fact name="Learned from" value={`${product.trainingImages} pictures`} />
      <Fact name="Held out" value={`${product.heldOutImages}, ${product.heldOutAbove} above`} />
      <Fact name="Calibrations before" value={String(product.history.length)} />
    </>
  )
}

/** What so few held-out pictures allow to promise may be nothing. */
function promiseOf({ falseAlarms, confidence }: NonNullable<CardProduct['promised']>): string {
  if (falseAlarms >= 0.5) return 'nothing: too few pictures were held out'
  return `${formatRate(falseAlarms)} at ${formatPercent(confidence, 0)} confidence`
}
