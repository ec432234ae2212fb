/** The scale of the picture, from a length that is known. */
import { useState } from 'preact/hooks'
import type { Point } from './draft.ts'

interface RulerProps {
  readonly ruler: readonly [Point, Point] | null
  readonly mmPerPixel: number | null
  readonly onScale: (mmPerPixel: number | null) => void
  readonly onRuler: () => void
}

export function Ruler({ ruler, mmPerPixel, onScale, onRuler }: RulerProps) {
  const [mm, setMm] = useState(NaN)
  const pixels = ruler === null ? 0 : Math.hypot(ruler[1][0] - ruler[0][0], ruler[1][1] - ruler[0][1])
  return (
    <div class="stack">
      <p class="soft">
        {mmPerPixel === null
          ? 'Areas are in pixels until the scale is known.'
          : `One pixel is ${mmPerPixel.toPrecision(4)} mm; a hundred are ${(mmPerPixel * 100).toPrecision(4)} mm.`}
      </p>
      {ruler === null ? (
        <button type="button" onClick={onRuler}>
          Draw a known length
        </button>
      ) : (
        <div class="row">
          <label class="inline">
            {pixels.toFixed(1)} pixels are
            <input
              type="number"
              min="0.001"
              step="any"
              aria-label="Millimetres"
              onInput={({ currentTarget }) => setMm(currentTarget.valueAsNumber)}
            />
            mm
          </label>
          <button type="button" disabled={!(mm > 0)} onClick={() => onScale(mm / pixels)}>
            Set
          </button>
        </div>
      )}
      {mmPerPixel !== null && (
        <button type="button" class="link" onClick={() => onScale(null)}>
          Forget the scale
        </button>
      )}
    </div>
  )
}
