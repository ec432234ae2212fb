/** The regions of a mask, largest first as the record has them; one lights up in the picture under the pointer. */
import type { Region } from '@assay/contract'
import { formatScore } from '../../part/number.ts'

interface RegionsProps {
  readonly regions: readonly Region[]
  readonly highlighted: number | null
  readonly onHighlight: (region: number | null) => void
  readonly onSelect: (region: number) => void
}

export function Regions({ regions, highlighted, onHighlight, onSelect }: RegionsProps) {
  if (regions.length === 0) return <p class="soft">No region stands out.</p>
  return (
    <table class="table regions" onPointerLeave={() => onHighlight(null)}>
      <thead>
        <tr>
          <th>Region</th>
          <th class="number">Area</th>
          <th class="number">Length</th>
          <th class="number">Peak</th>
        </tr>
      </thead>
      <tbody>
        {regions.map((region, i) => (
          <tr key={i} class={i === highlighted ? 'highlighted' : ''} onPointerEnter={() => onHighlight(i)}>
            <td>
              <button
                type="button"
                class="link"
                aria-label={`Region ${i + 1}: zoom to it`}
                onFocus={() => onHighlight(i)}
                onBlur={() => onHighlight(null)}
                onClick={() => onSelect(i)}
              >
                {i + 1}
                {region.zone !== undefined && ` ${region.zone}`}
              </button>
            </td>
            <td class="number">
              {region.areaMm2 === undefined ? `${region.areaPx} px` : `${region.areaMm2.toFixed(2)} mm²`}
            </td>
            <td class="number">
              {region.lengthMm === undefined
                ? `${Math.round(region.lengthPx)} px`
                : `${region.lengthMm.toFixed(2)} mm`}
            </td>
            <td class="number">{formatScore(region.peak)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
