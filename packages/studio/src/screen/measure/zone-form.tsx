/** Name, kind and rules of a zone. */
import { Icon } from '../../part/icon.tsx'
import type { DraftZone } from './draft.ts'

interface ZoneFormProps {
  readonly zone: DraftZone
  readonly isSelected: boolean
  readonly hasScale: boolean
  readonly isTaken: (name: string) => boolean
  readonly onSelect: () => void
  readonly onChange: (zone: DraftZone) => void
  readonly onRemove: () => void
}

export function ZoneForm({
  zone,
  isSelected,
  hasScale,
  isTaken,
  onSelect,
  onChange,
  onRemove,
}: ZoneFormProps) {
  const area = hasScale ? 'smallestAreaMm2' : 'smallestAreaPx'
  const number = (value: number): number | null => (Number.isFinite(value) ? value : null)
  return (
    <fieldset class={isSelected ? 'zone-form selected' : 'zone-form'} onFocusCapture={onSelect}>
      <legend class="visually-hidden">{zone.name}</legend>
      <div class="row">
        <input
          type="text"
          class="grow"
          aria-label="Name of the zone"
          maxLength={80}
          value={zone.name}
          onChange={({ currentTarget }) => {
            const name = currentTarget.value.trim()
            if (name === '' || isTaken(name)) currentTarget.value = zone.name
            else onChange({ ...zone, name })
          }}
        />
        <select
          aria-label={`Kind of ${zone.name}`}
          value={zone.kind}
          onChange={({ currentTarget }) =>
            onChange({ ...zone, kind: currentTarget.value === 'ignore' ? 'ignore' : 'inspect' })
          }
        >
          <option value="inspect">inspect</option>
          <option value="ignore">ignore</option>
        </select>
        <button type="button" class="plain" aria-label={`Remove ${zone.name}`} onClick={onRemove}>
          <Icon name="trash" size={16} />
        </button>
      </div>
      {zone.kind === 'inspect' && isSelected && (
        <div class="two">
          <label class="field">
            Smallest area, {hasScale ? 'mm²' : 'pixels'}
            <input
              type="number"
              min="0"
              step="any"
              placeholder="any"
              value={zone[area] ?? ''}
              onChange={({ currentTarget }) =>
                onChange({
                  ...zone,
                  smallestAreaPx: null,
                  smallestAreaMm2: null,
                  [area]: number(currentTarget.valueAsNumber),
                })
              }
            />
          </label>
          <label class="field">
            Regions tolerated
            <input
              type="number"
              min="0"
              placeholder="none"
              value={zone.mostRegions ?? ''}
              onChange={({ currentTarget }) =>
                onChange({ ...zone, mostRegions: number(currentTarget.valueAsNumber) })
              }
            />
          </label>
          <label class="field">
            One false alarm in
            <input
              type="number"
              min="2"
              max="100000"
              placeholder="even share"
              value={zone.falseAlarms === null ? '' : Math.round(1 / zone.falseAlarms)}
              onChange={({ currentTarget }) => {
                const parts = number(currentTarget.valueAsNumber)
                onChange({ ...zone, falseAlarms: parts === null || parts < 2 ? null : 1 / parts })
              }}
            />
          </label>
        </div>
      )}
    </fieldset>
  )
}
