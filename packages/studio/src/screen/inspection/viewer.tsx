/** The picture of an inspection with its layers: over each other, beside each other, or behind a slider. */
import type { ApiInspection } from '@assay/contract/api'
import type { Signal } from '@preact/signals'
import { addressOf } from '../../client/request.ts'
import { hasBoxes, hasHeat, hasOutline, heatOpacity, revealAt, viewMode } from '../../state/shown.ts'
import type { HeatMap } from '../../view/layer.ts'
import type { Layers } from '../../view/layers-of.ts'
import { PartView } from '../../view/part-view.tsx'
import type { Zoom } from '../../view/zoom.ts'

export interface Reading {
  readonly x: number
  readonly y: number
  /** 0 to 1; null without a map. */
  readonly calibrated: number | null
}

interface ViewerProps {
  readonly inspection: ApiInspection
  readonly layers: Layers | undefined
  readonly zoom: Signal<Zoom>
  readonly highlighted: number | null
  readonly onRead: (reading: Reading | null) => void
}

export function Viewer({ inspection, layers, zoom, highlighted, onRead }: ViewerProps) {
  const { id, name, record } = inspection
  const heat = layers?.heat ?? null
  const size = heat === null ? null : { width: heat.fullWidth, height: heat.fullHeight }
  const plain = {
    label: name,
    src: addressOf('readInspectionView', { inspection: id }),
    size,
    zoom,
    onPoint: (at: { readonly x: number; readonly y: number } | null) =>
      onRead(at === null ? null : { ...at, calibrated: readAt(heat, at) }),
  }
  const layered = {
    ...plain,
    heat: hasHeat.value ? heat : null,
    opacity: heatOpacity.value,
    outline: hasOutline.value ? (layers?.outline ?? null) : null,
    boxes: hasBoxes.value ? record.regions.map(({ box }) => box) : [],
    highlighted,
  }
  if (viewMode.value === 'beside')
    return (
      <div class="beside">
        <PartView {...plain} />
        <PartView {...layered} label={`${name} with its heat map`} />
      </div>
    )
  if (viewMode.value === 'overlay') return <PartView {...layered} />
  return (
    <div class="reveal">
      <PartView {...layered} revealFrom={revealAt.value} />
      <div class="reveal-line" style={{ left: `${revealAt.value * 100}%` }} aria-hidden="true" />
      <input
        type="range"
        class="reveal-slider"
        aria-label="How much is shown without the heat map"
        min="0"
        max="1"
        step="0.005"
        value={revealAt.value}
        onInput={({ currentTarget }) => (revealAt.value = currentTarget.valueAsNumber)}
      />
    </div>
  )
}

function readAt(heat: HeatMap | null, { x, y }: { readonly x: number; readonly y: number }): number | null {
  if (heat === null) return null
  const column = Math.min(heat.width - 1, Math.floor((x * heat.width) / heat.fullWidth))
  const row = Math.min(heat.height - 1, Math.floor((y * heat.height) / heat.fullHeight))
  return (heat.grey[row * heat.width + column] ?? 0) / 255
}
