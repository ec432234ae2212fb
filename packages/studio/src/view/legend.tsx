/** The colours of the heat map with their numbers, anchored to the threshold of the mask in the middle. */
import { createHeatScale, heatColourAt } from '@assay/core/browser/drawing'
import { formatScore } from '../part/number.ts'

interface LegendProps {
  /** Of pixels, on the raw scale; null when the model does not say. */
  readonly level: { readonly threshold: number; readonly scale: number } | null
  /** Calibrated value under the pointer. */
  readonly at: number | null
}

const scale = createHeatScale()
// The colours jump at the threshold, so it has a stop on either side.
const stops = [...Array.from({ length: 33 }, (_, i) => i / 32), 0.4999].toSorted((a, b) => a - b)
const ticks = [0.1, 0.5, 0.9]

export function Legend({ level, at }: LegendProps) {
  const rawAt = (calibrated: number): number | null =>
    level === null ? null : level.threshold + level.scale * Math.log(calibrated / (1 - calibrated))
  return (
    <figure class="legend">
      <svg viewBox="0 0 240 22" role="img" aria-label="Colours of the heat map, the threshold in the middle">
        <defs>
          <linearGradient id="legend-colours">
            {stops.map((value) => {
              const { red, green, blue, opacity } = heatColourAt(scale, value)
              return (
                <stop
                  key={value}
                  offset={value}
                  stop-color={`rgb(${red} ${green} ${blue})`}
                  stop-opacity={opacity.toFixed(3)}
                />
              )
            })}
          </linearGradient>
        </defs>
        <rect class="ground" x="0" y="4" width="240" height="12" rx="2" />
        <rect fill="url(#legend-colours)" x="0" y="4" width="240" height="12" rx="2" />
        {ticks.map((tick) => (
          <path
            key={tick}
            class={tick === 0.5 ? 'limit' : 'tick'}
            d={`M${tick * 240} ${tick === 0.5 ? 1 : 13}v${tick === 0.5 ? 19 : 6}`}
          />
        ))}
        {at !== null && <path class="pointer" d={`M${at * 240 - 4} 0h8l-4 6z`} />}
      </svg>
      <figcaption>
        {ticks.map((tick) => (
          <span key={tick}>
            {tick === 0.5 ? 'threshold' : tick < 0.5 ? 'as expected' : 'strange'}
            <small>{level === null ? tick : formatScore(rawAt(tick))}</small>
          </span>
        ))}
      </figcaption>
    </figure>
  )
}
