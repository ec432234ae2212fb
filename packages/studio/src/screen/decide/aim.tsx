/** A share of false alarms as the aim: seen at once on the test pictures, or set by a calibration. */
import type { ApiModel } from '@assay/contract/api'
import { useState } from 'preact/hooks'
import { countOf, formatRate } from '../../part/number.ts'
import { may } from '../../state/session.ts'
import { thresholdFor } from './confusion.ts'

interface AimProps {
  readonly model: ApiModel
  readonly good: readonly number[]
  readonly onThreshold: (threshold: number) => void
  readonly onCalibrate: (falseAlarms: number) => void
}

export function Aim({ model, good, onThreshold, onCalibrate }: AimProps) {
  const [parts, setParts] = useState(Math.max(2, Math.round(1 / Math.max(model.falseAlarms, 0.00001))))
  const isFine = Number.isFinite(parts) && parts >= 2 && parts <= 100_000
  const look = (): void => {
    const value = thresholdFor(good, 1 / parts)
    if (value !== null) onThreshold(value)
  }
  return (
    <div class="aim">
      <label class="inline">
        At most one false alarm in
        <input
          type="number"
          min="2"
          max="100000"
          value={parts}
          onInput={({ currentTarget }) => setParts(currentTarget.valueAsNumber)}
        />
        good parts
      </label>
      <button type="button" disabled={!isFine || good.length === 0} onClick={look}>
        Try it here
      </button>
      <button type="button" disabled={!isFine || !may('engineer')} onClick={() => onCalibrate(1 / parts)}>
        Calibrate to it
      </button>
      <p class="soft">
        “Try it” takes the threshold from the {countOf(good.length, 'good test picture')}
        {good.length < parts && ', too few to tell such a rate'}. A calibration takes it from the{' '}
        {countOf(model.heldOutImages, 'held-out picture')}; this model aims at {formatRate(model.falseAlarms)}
        .
      </p>
    </div>
  )
}
