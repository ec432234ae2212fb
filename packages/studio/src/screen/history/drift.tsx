/** Scores over time: their median and the middle 80 percent, against the threshold. */
import type { ApiProduct, Drift } from '@assay/contract/api'
import { call } from '../../client/request.ts'
import { Empty, FaultNote, Waiting } from '../../part/notice.tsx'
import { formatTime } from '../../part/number.ts'
import { putJob } from '../../state/job.ts'
import { useLoad } from '../../state/load.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'
import { useWidth } from '../../view/width.ts'

export function DriftView({ product }: { product: ApiProduct }) {
  const drift = useLoad(`drift ${product.id} ${product.activeModel ?? ''} ${product.inspections}`, (signal) =>
    call('readDrift', { product: product.id, signal }),
  )
  if (drift.fault !== null) return <FaultNote fault={drift.fault} onRetry={drift.reload} />
  const { data } = drift
  if (data === undefined) return <Waiting />
  if (data.points.length === 0)
    return (
      <Empty title="Too few scores yet">
        <p>The scores of the active model are followed here once it has inspected five pictures or more.</p>
      </Empty>
    )
  const { model } = data
  const calibrate = async (): Promise<void> => {
    if (model === null) return
    putJob(await call('createJob', { body: { kind: 'calibrate', model } }))
    tell('The calibration is queued; it makes a new version.')
  }
  return (
    <section class="pane scroll stack" aria-label="Scores over time">
      <div class={data.advice === null ? 'note good' : 'note unsure'}>
        <p>
          {data.advice ??
            (data.shift === null
              ? 'Too few inspections yet to tell whether the scores wander.'
              : `The scores are where they were (${data.shift.toFixed(1)} of their usual spread).`)}
        </p>
        {data.advice !== null && (
          <button
            type="button"
            class="primary"
            disabled={!may('engineer')}
            onClick={() => void attempt(calibrate)}
          >
            Calibrate on the good pictures
          </button>
        )}
      </div>
      <DriftChart points={data.points} />
      <p class="soft">
        Calibrated scores of the active model: the line is the median, the band holds the middle 80 percent,
        0.5 is the threshold.
        {data.pValue !== null && ` Mann-Whitney p = ${data.pValue.toPrecision(2)}.`}
      </p>
    </section>
  )
}

const height = 260
const pad = { left: 40, right: 12, top: 10, bottom: 26 }

function DriftChart({ points }: { points: Drift['points'] }) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const xOf = (i: number): number =>
    pad.left +
    (points.length === 1 ? 0.5 : i / (points.length - 1)) * Math.max(1, width - pad.left - pad.right)
  const yOf = (v: number): number => pad.top + (1 - v) * (height - pad.top - pad.bottom)
  const line = (of: (point: Drift['points'][number]) => number): string[] =>
    points.map((point, i) => `${xOf(i).toFixed(1)} ${yOf(of(point)).toFixed(1)}`)
  const band = [...line(({ q90 }) => q90), ...line(({ q10 }) => q10).toReversed()].join('L')
  const [first, last] = [points[0], points.at(-1)]
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} role="img" aria-label="Scores over time">
        {[0, 0.25, 0.5, 0.75, 1].map((v) => (
          <g key={v}>
            <path class={v === 0.5 ? 'limit' : 'grid'} d={`M${pad.left} ${yOf(v)}H${width - pad.right}`} />
            <text class="tick-text" x={pad.left - 6} y={yOf(v) + 4} text-anchor="end">
              {v}
            </text>
          </g>
        ))}
        <path class="drift-band" d={`M${band}Z`} />
        <path class="line" d={`M${line(({ median }) => median).join('L')}`} />
        {points.map((point, i) => (
          <circle
            key={point.from}
            class={point.defects > 0 ? 'point alarm' : 'point'}
            cx={xOf(i)}
            cy={yOf(point.median)}
            r="3.5"
          >
            <title>
              {formatTime(point.from)}: {point.images} pictures, {point.defects} defects
            </title>
          </circle>
        ))}
        {first !== undefined && (
          <text class="tick-text" x={pad.left} y={height - 6}>
            {formatTime(first.from)}
          </text>
        )}
        {last !== undefined && points.length > 1 && (
          <text class="tick-text" x={width - pad.right} y={height - 6} text-anchor="end">
            {formatTime(last.from)}
          </text>
        )}
      </svg>
    </div>
  )
}
