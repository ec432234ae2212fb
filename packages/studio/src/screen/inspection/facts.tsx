/** What the record says: the verdict and how near it was, the regions, and the decision of a human. */
import type { ApiInspection, ApiProduct } from '@assay/contract/api'
import { call } from '../../client/request.ts'
import { formatScore, formatTime } from '../../part/number.ts'
import { Verdict } from '../../part/verdict.tsx'
import { useLoad } from '../../state/load.ts'
import { hasHeat } from '../../state/shown.ts'
import { Legend } from '../../view/legend.tsx'
import { Regions } from './regions.tsx'
import type { Reading } from './viewer.tsx'

interface FactsProps {
  readonly product: ApiProduct
  readonly inspection: ApiInspection
  readonly reading: Reading | null
  readonly highlighted: number | null
  readonly onHighlight: (region: number | null) => void
  readonly onSelect: (region: number) => void
}

export function Facts({ inspection, reading, highlighted, onHighlight, onSelect }: FactsProps) {
  const { record, model, shadow, milliseconds, name, createdAt } = inspection
  const card = useLoad(`model ${model}`, (signal) => call('readModel', { model, signal }))
  const level = card.data?.card.products[0]?.pixel ?? null
  const { verdict, score, threshold, calibrated, error, zones } = record
  return (
    <div class="stack">
      <div>
        <p class="name">{name}</p>
        <Verdict verdict={verdict} />
      </div>
      {error !== null && (
        <p class="note defect">
          {error.message} <small>{error.hint}</small>
        </p>
      )}
      {calibrated !== null && (
        <div
          class="scorebar"
          role="img"
          aria-label={`${Math.round(calibrated * 100)} of 100; the threshold is 50`}
        >
          <i class={calibrated > 0.5 ? 'above' : ''} style={{ width: `${calibrated * 100}%` }} />
          <b />
        </div>
      )}
      <p class="numbers">
        Score <b>{formatScore(score)}</b> · threshold {formatScore(threshold)}
      </p>
      {(zones ?? []).length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th>Zone</th>
              <th class="number">Score</th>
              <th class="number">Threshold</th>
              <th>Verdict</th>
            </tr>
          </thead>
          <tbody>
            {(zones ?? []).map((zone) => (
              <tr key={zone.name}>
                <td>{zone.name}</td>
                <td class="number">{formatScore(zone.score)}</td>
                <td class="number">{formatScore(zone.threshold)}</td>
                <td>
                  <Verdict verdict={zone.verdict} isSmall />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasHeat.value && <Legend level={level} at={reading?.calibrated ?? null} />}
      <p class="reading soft" aria-live="off">
        {reading === null
          ? 'Point at a pixel to read its score.'
          : `x ${reading.x}, y ${reading.y}${reading.calibrated === null ? '' : ` · ${reading.calibrated.toFixed(3)} (threshold 0.5)`}`}
      </p>
      <Regions
        regions={record.regions}
        highlighted={highlighted}
        onHighlight={onHighlight}
        onSelect={onSelect}
      />
      {shadow !== null && (
        <p class={shadow.disagrees ? 'note unsure' : 'soft'}>
          The shadow model says {shadow.verdict} ({formatScore(shadow.score)})
          {shadow.disagrees ? ' and so disagrees.' : ' too.'}
        </p>
      )}
      <p class="soft">
        {formatTime(createdAt)} · {Math.round(milliseconds)} ms
        {card.data !== undefined && ` · version ${card.data.version}`}
      </p>
    </div>
  )
}
