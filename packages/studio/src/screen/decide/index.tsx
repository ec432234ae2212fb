/** Where the threshold lies: what it would find and what it would cost, on the test pictures. */
import type { ApiEvaluation, ApiModel, ApiProduct } from '@assay/contract/api'
import { useRoute } from 'preact-iso'
import { useMemo, useState } from 'preact/hooks'
import { call } from '../../client/request.ts'
import { Fault } from '../../client/fault.ts'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { formatPercent, formatScore } from '../../part/number.ts'
import { useHotkeys } from '../../state/hotkey.ts'
import { endings, putJob } from '../../state/job.ts'
import { useLoad } from '../../state/load.ts'
import { refreshProduct } from '../../state/product.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'
import { Curve } from '../../view/curve.tsx'
import { Histogram } from '../../view/histogram.tsx'
import { NoModel, ProductScreen } from '../frame.tsx'
import { Aim } from './aim.tsx'
import { Buckets } from './buckets.tsx'
import { confuse, scoresOf } from './confusion.ts'
import { Counts } from './counts.tsx'

export function Decide() {
  const { params, query } = useRoute()
  const id = params['product'] ?? ''
  return (
    <ProductScreen key={id} id={id} title="Decide">
      {(product) =>
        product.activeModel === null ? (
          <NoModel product={product} why="The threshold is decided on the scores that a model gives." />
        ) : (
          <ModelDecision product={product} model={query['model'] ?? product.activeModel} />
        )
      }
    </ProductScreen>
  )
}

function ModelDecision({ product, model }: { product: ApiProduct; model: string }) {
  const turn = endings.value
  const facts = useLoad(`model ${model}`, (signal) => call('readModel', { model, signal }))
  const evaluation = useLoad(`evaluation ${model} ${turn}`, async (signal) => {
    try {
      return await call('readEvaluation', { model, signal })
    } catch (error) {
      if (error instanceof Fault && error.status === 404) return null
      throw error
    }
  })
  if (facts.fault !== null) return <FaultNote fault={facts.fault} onRetry={facts.reload} />
  if (evaluation.fault !== null) return <FaultNote fault={evaluation.fault} onRetry={evaluation.reload} />
  if (facts.data === undefined || evaluation.data === undefined) return <Waiting />
  if (evaluation.data === null) return <NotEvaluated product={product} model={model} />
  return (
    <Decision key={evaluation.data.id} product={product} model={facts.data} evaluation={evaluation.data} />
  )
}

function NotEvaluated({ product, model }: { product: ApiProduct; model: string }) {
  return (
    <Empty title="This model has not been tested">
      <p>
        A threshold is decided on pictures that were not learned from: defects, and good pictures marked “for
        the test”.
      </p>
      <p class="row">
        <a class="button" href={`/product/${product.id}`}>
          Add test pictures
        </a>
        <button
          type="button"
          class="primary"
          disabled={!may('engineer')}
          onClick={() =>
            void attempt(async () => {
              putJob(await call('createJob', { body: { kind: 'evaluate', model } }))
              tell('The test is queued.')
            })
          }
        >
          Test the model
        </button>
      </p>
    </Empty>
  )
}

interface DecisionProps {
  readonly product: ApiProduct
  readonly model: ApiModel
  readonly evaluation: ApiEvaluation
}

function Decision({ product, model, evaluation }: DecisionProps) {
  const { images, curves, metrics } = evaluation
  const zones = useMemo(() => [...new Set(images.flatMap((image) => Object.keys(image.zones)))], [images])
  const [zone, setZone] = useState('')
  const [threshold, setThreshold] = useState(model.threshold)
  const scored = useMemo(() => scoresOf(images, zone), [images, zone])
  const good = scored.filter(({ label }) => label === 'good').map(({ score }) => score)
  const defect = scored.filter(({ label }) => label === 'defect').map(({ score }) => score)
  const now = confuse(scored, threshold)
  const before = confuse(scored, model.threshold)
  const isMoved = threshold !== model.threshold
  const save = async (): Promise<void> => {
    const made = await call('setThreshold', { model: model.id, body: { threshold } })
    await refreshProduct(product.id)
    tell(`Version ${made.version} judges with the threshold ${formatScore(threshold)}.`, async () => {
      await call('rollBack', { product: product.id })
      await refreshProduct(product.id)
    })
  }
  useHotkeys([
    { key: 'ArrowLeft', does: 'Lower the threshold', run: ({ shiftKey }) => nudge(shiftKey ? -10 : -1) },
    { key: 'ArrowRight', does: 'Raise the threshold', run: ({ shiftKey }) => nudge(shiftKey ? 10 : 1) },
    { key: 'r', does: 'Back to the threshold of the model', run: () => setThreshold(model.threshold) },
  ])
  function nudge(steps: number): void {
    const all = [...good, ...defect]
    setThreshold((value) => value + (steps * (Math.max(...all) - Math.min(...all))) / 250)
  }
  const own = metrics.mean
  return (
    <div class="decide scroll">
      <section class="pane" aria-label="Threshold">
        <div class="bar tight">
          <h2 class="grow">
            Scores of the test pictures{' '}
            <small>
              version {model.version}, {model.method}
            </small>
          </h2>
          {zones.length > 0 && (
            <label class="inline">
              Zone
              <select value={zone} onChange={({ currentTarget }) => setZone(currentTarget.value)}>
                <option value="">the one that decides</option>
                {zones.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
          <button type="button" disabled={!isMoved} onClick={() => setThreshold(model.threshold)}>
            Back
          </button>
          <button
            type="button"
            class="primary"
            disabled={!isMoved || zone !== '' || !may('engineer')}
            onClick={() => void attempt(save)}
          >
            Keep this threshold
          </button>
        </div>
        <Histogram
          good={good}
          defect={defect}
          threshold={threshold}
          before={model.threshold}
          onThreshold={setThreshold}
        />
        <Counts now={now} before={isMoved ? before : null} />
        <Aim
          model={model}
          good={good}
          onThreshold={setThreshold}
          onCalibrate={(falseAlarms) =>
            void attempt(async () => {
              const job = await call('createJob', {
                body: { kind: 'calibrate', model: model.id, aims: { falseAlarms } },
              })
              putJob(job)
              tell('The calibration is queued; it makes a new version.')
            })
          }
        />
      </section>
      <Buckets scored={scored} threshold={threshold} before={model.threshold} />
      <section class="pane curves" aria-label="Curves">
        <Curve
          title="ROC"
          xLabel="false alarms"
          yLabel="found defects"
          points={curves.roc}
          at={
            defect.length === 0 || good.length === 0 ? null : [now.falseAlarmShare ?? 0, now.foundShare ?? 0]
          }
          value={`AUROC ${formatPercent(own.imageAuroc)}`}
        />
        <Curve
          title="Precision and recall"
          xLabel="found defects"
          yLabel="right alarms"
          points={curves.pr}
          at={now.precision === null ? null : [now.foundShare ?? 0, now.precision]}
          value={`AP ${formatPercent(own.imageAp)}`}
        />
        {curves.pro === null ? (
          <p class="soft curve">The PRO curve needs masks of the defects.</p>
        ) : (
          <Curve
            title="PRO"
            xLabel="wrong pixels"
            yLabel="covered defects"
            points={curves.pro}
            xMost={0.3}
            value={`AUPRO ${formatPercent(own.aupro30)}`}
          />
        )}
      </section>
    </div>
  )
}
