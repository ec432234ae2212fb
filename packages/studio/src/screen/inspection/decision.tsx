/** A human's word about an inspection, which feeds the next model and can be taken back. The model's word stays. */
import type { ApiInspection } from '@assay/contract/api'
import { call } from '../../client/request.ts'
import { Icon } from '../../part/icon.tsx'
import { refreshProduct } from '../../state/product.ts'
import { attempt, tell } from '../../state/toast.ts'
import { useHotkeys } from '../../state/hotkey.ts'
import { formatTime } from '../../part/number.ts'

interface DecisionBarProps {
  readonly inspection: ApiInspection
  readonly onDecided: (inspection: ApiInspection) => void
}

export function DecisionBar({ inspection, onDecided }: DecisionBarProps) {
  const { id, decision, product, record, name } = inspection
  const takeBack = async (): Promise<void> => {
    onDecided(await call('undoDecision', { inspection: id }))
    await refreshProduct(product)
  }
  const decide = (verdict: 'good' | 'defect'): void =>
    void attempt(async () => {
      onDecided(await call('decide', { inspection: id, body: { verdict } }))
      await refreshProduct(product)
      tell(`“${name}” is ${verdict === 'good' ? 'fine' : 'a defect'}; the next model will know.`, takeBack)
    })
  const canDecide = record.verdict !== null
  useHotkeys(
    canDecide
      ? [
          { key: 'f', does: 'This is fine', run: () => decide('good') },
          { key: 'd', does: 'This is a defect', run: () => decide('defect') },
        ]
      : [],
  )
  return (
    <div class="decision">
      <button
        type="button"
        class="decide-good"
        aria-pressed={decision?.verdict === 'good'}
        disabled={!canDecide}
        onClick={() => decide('good')}
      >
        <Icon name="good" />
        This is fine <kbd>F</kbd>
      </button>
      <button
        type="button"
        class="decide-defect"
        aria-pressed={decision?.verdict === 'defect'}
        disabled={!canDecide}
        onClick={() => decide('defect')}
      >
        <Icon name="defect" />
        This is a defect <kbd>D</kbd>
      </button>
      {decision !== null && (
        <span class="soft">
          {decision.by} said {decision.verdict}, {formatTime(decision.at)}
          <button type="button" class="link" onClick={() => void attempt(takeBack)}>
            Take back
          </button>
        </span>
      )}
    </div>
  )
}
