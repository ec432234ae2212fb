/** Two versions on the same test pictures: their metrics side by side, and the pictures on which they differ. */
import { metricNames, type MetricName } from '@assay/contract'
import type { ApiEvaluation, ApiModel } from '@assay/contract/api'
import { addressOf, call } from '../../client/request.ts'
import { FaultNote, Waiting } from '../../part/notice.tsx'
import { formatPercent, formatScore } from '../../part/number.ts'
import { useLoad } from '../../state/load.ts'
import { may } from '../../state/session.ts'
import { confuse, scoresOf } from '../decide/confusion.ts'
import { Scatter } from './scatter.tsx'

interface CompareProps {
  readonly before: ApiModel
  readonly after: ApiModel
  readonly onTest: (model: ApiModel) => void
}

const metricWords: Readonly<Record<MetricName, string>> = {
  imageAuroc: 'Image AUROC',
  imageAp: 'Image AP',
  imageF1Max: 'Image F1, best',
  pixelAuroc: 'Pixel AUROC',
  pixelAp: 'Pixel AP',
  pixelF1Max: 'Pixel F1, best',
  aupro30: 'AUPRO 0.30',
  aupro05: 'AUPRO 0.05',
}

export function Compare({ before, after, onTest }: CompareProps) {
  const untested = [before, after].filter(({ evaluation }) => evaluation === null)
  const key = untested.length > 0 ? null : `compare ${before.evaluation ?? ''} ${after.evaluation ?? ''}`
  const both = useLoad(key, (signal) =>
    Promise.all([before, after].map(({ id }) => call('readEvaluation', { model: id, signal }))),
  )
  return (
    <section class="pane stack" aria-label="Comparison">
      <h2>
        Version {before.version} and version {after.version}
      </h2>
      {untested.map((model) => (
        <p key={model.id} class="note unsure">
          Version {model.version} has not been tested.
          <button type="button" disabled={!may('engineer')} onClick={() => onTest(model)}>
            Test it
          </button>
        </p>
      ))}
      {both.fault !== null && <FaultNote fault={both.fault} onRetry={both.reload} />}
      {both.isLoading && <Waiting />}
      {both.data?.[0] !== undefined && both.data[1] !== undefined && (
        <Sides before={before} after={after} old={both.data[0]} now={both.data[1]} />
      )}
    </section>
  )
}

interface SidesProps {
  readonly before: ApiModel
  readonly after: ApiModel
  readonly old: ApiEvaluation
  readonly now: ApiEvaluation
}

function Sides({ before, after, old, now }: SidesProps) {
  const byImage = new Map(now.images.map((image) => [image.image, image]))
  const pairs = old.images.flatMap((a) => {
    const b = byImage.get(a.image)
    return b === undefined ? [] : [{ a, b }]
  })
  const counts = [
    confuse(
      scoresOf(
        pairs.map(({ a }) => a),
        '',
      ),
      old.threshold,
    ),
    confuse(
      scoresOf(
        pairs.map(({ b }) => b),
        '',
      ),
      now.threshold,
    ),
  ] as const
  const differing = pairs.filter(({ a, b }) => a.score > old.threshold !== b.score > now.threshold)
  const rows: readonly (readonly [string, string, string, number | null])[] = [
    ['Defects found', String(counts[0].found), String(counts[1].found), counts[1].found - counts[0].found],
    [
      'Defects missed',
      String(counts[0].missed),
      String(counts[1].missed),
      counts[0].missed - counts[1].missed,
    ],
    [
      'False alarms',
      String(counts[0].falseAlarms),
      String(counts[1].falseAlarms),
      counts[0].falseAlarms - counts[1].falseAlarms,
    ],
    ...metricNames.map((name) => {
      const [x, y] = [old.metrics.mean[name], now.metrics.mean[name]]
      return [
        metricWords[name],
        formatPercent(x),
        formatPercent(y),
        x === null || y === null ? null : y - x,
      ] as const
    }),
  ]
  return (
    <div class="compare">
      <table class="table">
        <thead>
          <tr>
            <th>{pairs.length} pictures that both saw</th>
            <th class="number">Version {before.version}</th>
            <th class="number">Version {after.version}</th>
            <th>
              <span class="visually-hidden">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, x, y, gain]) => (
            <tr key={name}>
              <td>{name}</td>
              <td class="number">{x}</td>
              <td class="number">{y}</td>
              <td class={gain === null || gain === 0 ? 'soft' : gain > 0 ? 'better' : 'worse'}>
                {gain === null || gain === 0 ? 'same' : gain > 0 ? '▲ better' : '▼ worse'}
              </td>
            </tr>
          ))}
          <tr>
            <td>Threshold</td>
            <td class="number">{formatScore(old.threshold)}</td>
            <td class="number">{formatScore(now.threshold)}</td>
            <td />
          </tr>
        </tbody>
      </table>
      <Scatter
        pairs={pairs.map(({ a, b }) => ({ x: a.score, y: b.score, isDefect: a.label === 'defect' }))}
        xLimit={old.threshold}
        yLimit={now.threshold}
        xLabel={`score of version ${before.version}`}
        yLabel={`score of version ${after.version}`}
      />
      <div class="differing">
        <h3>
          Judged otherwise <span class="count">{differing.length}</span>
        </h3>
        <ul tabIndex={0} aria-label="Pictures judged otherwise">
          {differing.slice(0, 24).map(({ a, b }) => (
            <li key={a.image}>
              <img src={addressOf('readImageThumbnail', { image: a.image })} alt="" loading="lazy" />
              <span>
                {a.label === 'defect' ? (a.defect ?? 'defect') : 'good'}
                <small>
                  {a.score > old.threshold ? 'defect' : 'good'} →{' '}
                  {b.score > now.threshold ? 'defect' : 'good'}
                </small>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
