/** Versions of a product's model: which one inspects, which one watches, and how they compare. */
import type { ApiModel, ApiProduct } from '@assay/contract/api'
import { useLocation, useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { addressOf, call } from '../../client/request.ts'
import { Icon } from '../../part/icon.tsx'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { formatBytes, formatRate, formatScore, formatTime } from '../../part/number.ts'
import { endings, putJob } from '../../state/job.ts'
import { useLoad } from '../../state/load.ts'
import { putProduct, refreshProduct } from '../../state/product.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'
import { NoModel, ProductScreen } from '../frame.tsx'
import { Card } from './card.tsx'
import { Compare } from './compare.tsx'
import { Disagreements } from './disagreements.tsx'

export function Models() {
  const { params } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Models" renderTools={(product) => <Upload product={product} />}>
      {(product) => <Versions product={product} />}
    </ProductScreen>
  )
}

function Upload({ product }: { product: ApiProduct }) {
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    const body = new FormData()
    body.append('file', file, file.name)
    const model = await call('uploadModel', { product: product.id, body })
    endings.value++
    await refreshProduct(product.id)
    tell(`Version ${model.version} was added.`)
  }
  return (
    <label class="button">
      <Icon name="upload" />
      Add a model file
      <input
        type="file"
        accept=".onnx"
        disabled={!may('engineer')}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          void attempt(() => take(file)).finally(() => (currentTarget.value = ''))
        }}
      />
    </label>
  )
}

function Versions({ product }: { product: ApiProduct }) {
  const { id } = product
  const { route } = useLocation()
  const list = useLoad(
    `models ${id} ${product.activeModel ?? ''} ${product.shadowModel ?? ''} ${endings.value}`,
    (signal) => call('listModels', { product: id, signal }),
  )
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [card, setCard] = useState<string | null>(null)
  const canEdit = may('engineer')
  if (list.fault !== null) return <FaultNote fault={list.fault} onRetry={list.reload} />
  if (list.data === undefined) return <Waiting />
  const models = list.data.items
  if (models.length === 0)
    return (
      <NoModel
        product={product}
        why="Every training and calibration makes a version; they are compared here."
      />
    )
  const rollBack = async (): Promise<void> => {
    const model = await call('rollBack', { product: id })
    await refreshProduct(id)
    tell(`Version ${model.version} inspects again.`)
  }
  const activate = async (model: ApiModel): Promise<void> => {
    await call('activateModel', { model: model.id })
    await refreshProduct(id)
    tell(`Version ${model.version} inspects from now on.`, rollBack)
  }
  const setShadow = async (shadowModel: string | null): Promise<void> => {
    const before = product.shadowModel
    putProduct(await call('changeProduct', { product: id, body: { shadowModel } }))
    tell(
      shadowModel === null ? 'No model watches any more.' : 'It judges the same pictures unseen.',
      async () => putProduct(await call('changeProduct', { product: id, body: { shadowModel: before } })),
    )
  }
  const test = async (model: ApiModel): Promise<void> => {
    putJob(await call('createJob', { body: { kind: 'evaluate', model: model.id } }))
    tell('The test is queued.')
  }
  const toggle = (model: string): void =>
    setChosen((old) => (old.includes(model) ? old.filter((one) => one !== model) : [...old, model].slice(-2)))
  const [first, second] = models.filter((model) => chosen.includes(model.id))
  return (
    <div class="scroll stack">
      <section class="pane" aria-label="Versions">
        <div class="bar tight">
          <p class="soft grow">Choose two versions to compare them on the same test pictures.</p>
          <button
            type="button"
            disabled={!canEdit || models.length < 2}
            onClick={() => void attempt(rollBack)}
          >
            <Icon name="undo" size={16} />
            Roll back
          </button>
        </div>
        <div class="table-wrap">
          <table class="table">
            <thead>
              <tr>
                <th>
                  <span class="visually-hidden">Compare</span>
                </th>
                <th>Version</th>
                <th>Method</th>
                <th class="number">Threshold</th>
                <th class="number wide-only">Aim</th>
                <th class="number wide-only">Learned from</th>
                <th class="number wide-only">Size</th>
                <th class="wide-only">Made</th>
                <th>
                  <span class="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {models.map((model) => (
                <tr key={model.id}>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Compare version ${model.version}`}
                      checked={chosen.includes(model.id)}
                      onChange={() => toggle(model.id)}
                    />
                  </td>
                  <td>
                    <button type="button" class="link" onClick={() => setCard(model.id)}>
                      Version {model.version}
                    </button>
                    {model.isActive && <span class="chip active">inspects</span>}
                    {model.isShadow && <span class="chip">watches</span>}
                  </td>
                  <td>
                    {model.method}
                    <small>
                      {{ train: model.backbone, calibrate: 'calibrated', import: 'imported' }[model.origin]}
                    </small>
                  </td>
                  <td class="number">{formatScore(model.threshold)}</td>
                  <td class="number wide-only">{formatRate(model.falseAlarms)}</td>
                  <td class="number wide-only">
                    {model.trainingImages} + {model.heldOutImages}
                  </td>
                  <td class="number wide-only">{formatBytes(model.bytes)}</td>
                  <td class="soft wide-only">{formatTime(model.createdAt)}</td>
                  <td class="actions">
                    {!model.isActive && (
                      <button
                        type="button"
                        disabled={!canEdit}
                        onClick={() => void attempt(() => activate(model))}
                      >
                        Activate
                      </button>
                    )}
                    {!model.isActive && (
                      <button
                        type="button"
                        disabled={!canEdit}
                        onClick={() => void attempt(() => setShadow(model.isShadow ? null : model.id))}
                      >
                        {model.isShadow ? 'Stop watching' : 'Let it watch'}
                      </button>
                    )}
                    {model.evaluation === null ? (
                      <button
                        type="button"
                        disabled={!canEdit}
                        onClick={() => void attempt(() => test(model))}
                      >
                        Test
                      </button>
                    ) : (
                      <button type="button" onClick={() => route(`/product/${id}/decide?model=${model.id}`)}>
                        Decide
                      </button>
                    )}
                    <a
                      class="button icon-only"
                      href={addressOf('readModelFile', { model: model.id })}
                      download
                      aria-label={`Download version ${model.version}`}
                      title="Download"
                    >
                      <Icon name="download" size={16} />
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      {first !== undefined && second !== undefined && (
        <Compare
          key={`${first.id} ${second.id}`}
          before={second}
          after={first}
          onTest={(model) => void attempt(() => test(model))}
        />
      )}
      {product.shadowModel !== null && <Disagreements product={product} />}
      {card !== null && <Card model={card} onClose={() => setCard(null)} />}
    </div>
  )
}
