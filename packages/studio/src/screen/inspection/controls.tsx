/** How the picture is shown: which layers, how strong, and how they stand to each other. */
import { useHotkeys } from '../../state/hotkey.ts'
import {
  hasBoxes,
  hasHeat,
  hasOutline,
  heatOpacity,
  revealAt,
  viewMode,
  viewModes,
  type ViewMode,
} from '../../state/shown.ts'

const modeWords: Readonly<Record<ViewMode, string>> = { overlay: 'Over', beside: 'Beside', reveal: 'Reveal' }

export function Controls() {
  useHotkeys([
    { key: 'h', does: 'Heat map on or off', run: () => (hasHeat.value = !hasHeat.value) },
    { key: 'c', does: 'Outline of the mask on or off', run: () => (hasOutline.value = !hasOutline.value) },
    { key: 'b', does: 'Boxes of the regions on or off', run: () => (hasBoxes.value = !hasBoxes.value) },
    {
      key: 'v',
      does: 'Over each other, beside, or behind a slider',
      run: () =>
        (viewMode.value = viewModes[(viewModes.indexOf(viewMode.value) + 1) % viewModes.length] ?? 'overlay'),
    },
    { key: '[', does: 'Weaker heat map, or slider to the left', run: () => turn(-0.1) },
    { key: ']', does: 'Stronger heat map, or slider to the right', run: () => turn(0.1) },
  ])
  return (
    <div class="controls">
      <fieldset class="segments" aria-label="View">
        {viewModes.map((mode) => (
          <button
            key={mode}
            type="button"
            aria-pressed={viewMode.value === mode}
            onClick={() => (viewMode.value = mode)}
          >
            {modeWords[mode]}
          </button>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={hasHeat.value} onChange={() => (hasHeat.value = !hasHeat.value)} />
        Heat map
      </label>
      <input
        type="range"
        aria-label="Strength of the heat map"
        min="0"
        max="1"
        step="0.01"
        disabled={!hasHeat.value}
        value={heatOpacity.value}
        onInput={({ currentTarget }) => (heatOpacity.value = currentTarget.valueAsNumber)}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={hasOutline.value}
          onChange={() => (hasOutline.value = !hasOutline.value)}
        />
        Outline
      </label>
      <label class="check">
        <input type="checkbox" checked={hasBoxes.value} onChange={() => (hasBoxes.value = !hasBoxes.value)} />
        Boxes
      </label>
    </div>
  )
}

function turn(by: number): void {
  const target = viewMode.value === 'reveal' ? revealAt : heatOpacity
  target.value = Math.min(1, Math.max(0, target.value + by))
}
