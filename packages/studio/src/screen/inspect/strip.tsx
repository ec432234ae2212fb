/** The pictures of this sitting in a row, with their verdicts. */
import { useEffect, useRef } from 'preact/hooks'
import { addressOf } from '../../client/request.ts'
import { Verdict } from '../../part/verdict.tsx'
import type { Item } from '../../state/inspected.ts'

interface StripProps {
  readonly items: readonly Item[]
  readonly selected: number | null
  readonly onSelect: (key: number) => void
}

export function Strip({ items, selected, onSelect }: StripProps) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [selected])
  return (
    <ul ref={list} class="strip" aria-label="Pictures of this sitting">
      {items.map(({ key, name, state }) => (
        <li key={key}>
          <button
            type="button"
            title={name}
            aria-current={key === selected ? 'true' : undefined}
            onClick={() => onSelect(key)}
          >
            <span class="strip-picture">
              {state.type === 'done' && (
                <img
                  src={addressOf('readInspectionView', { inspection: state.inspection.id })}
                  alt=""
                  loading="lazy"
                />
              )}
            </span>
            {state.type === 'done' ? (
              <>
                <Verdict verdict={state.inspection.record.verdict} isSmall />
                {state.inspection.decision !== null && (
                  <span class="chip">said {state.inspection.decision.verdict}</span>
                )}
              </>
            ) : (
              <span class={state.type === 'failed' ? 'verdict failed small' : 'soft'}>
                {{ waiting: 'waits', busy: 'looking…', failed: 'failed' }[state.type]}
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  )
}
