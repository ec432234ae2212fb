/** One inspection in full: picture, layers, facts and decision. */
import type { ApiInspection, ApiProduct } from '@assay/contract/api'
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { FaultNote } from '../../part/notice.tsx'
import { useHotkeys } from '../../state/hotkey.ts'
import { useLayers } from '../../view/layers-of.ts'
import { createZoom, keepInside, wholePicture } from '../../view/zoom.ts'
import { Controls } from './controls.tsx'
import { DecisionBar } from './decision.tsx'
import { Facts } from './facts.tsx'
import { Viewer, type Reading } from './viewer.tsx'

interface InspectionViewProps {
  readonly product: ApiProduct
  readonly inspection: ApiInspection
  readonly onChanged: (inspection: ApiInspection) => void
  /** Goes to the next (1) or the one before (-1). */
  readonly onStep: (step: number) => void
  readonly children?: ComponentChildren
}

export function InspectionView({ product, inspection, onChanged, onStep, children }: InspectionViewProps) {
  const zoom = useMemo(createZoom, [])
  const [highlighted, setHighlighted] = useState<number | null>(null)
  const [reading, setReading] = useState<Reading | null>(null)
  const layers = useLayers(inspection)
  const select = (region: number): void => {
    const heat = layers.data?.heat
    const box = inspection.record.regions[region]?.box
    if (heat == null || box === undefined) return
    const [x, y, width, height] = box
    const { fullWidth, fullHeight } = heat
    const scale = Math.min(12, 0.4 / Math.max(width / fullWidth, height / fullHeight))
    zoom.value = keepInside({
      scale: Math.max(1.5, scale),
      x: (x + width / 2) / fullWidth,
      y: (y + height / 2) / fullHeight,
    })
    setHighlighted(region)
  }
  useHotkeys([
    { key: 'ArrowLeft', does: 'Picture before', run: () => onStep(-1) },
    { key: 'ArrowRight', does: 'Next picture', run: () => onStep(1) },
    { key: '0', does: 'The whole picture', run: () => (zoom.value = wholePicture) },
  ])
  return (
    <div class="inspection">
      <div class="inspection-main">
        <Controls />
        <div class="inspection-stage">
          <Viewer
            inspection={inspection}
            layers={layers.data}
            zoom={zoom}
            highlighted={highlighted}
            onRead={setReading}
          />
        </div>
        {layers.fault !== null && <FaultNote fault={layers.fault} onRetry={layers.reload} />}
        <DecisionBar inspection={inspection} onDecided={onChanged} />
      </div>
      <aside class="inspection-side" aria-label="Record">
        {children}
        <Facts
          product={product}
          inspection={inspection}
          reading={reading}
          highlighted={highlighted}
          onHighlight={setHighlighted}
          onSelect={select}
        />
      </aside>
    </div>
  )
}
