/** A curve in the unit square, with the point at which the threshold stands. */
interface CurveProps {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly points: readonly (readonly [number, number])[]
  readonly at?: readonly [number, number] | null
  readonly value?: string
  /** Right end of the x axis. */
  readonly xMost?: number
}

const side = 180
const pad = 30

export function Curve({ title, xLabel, yLabel, points, at = null, value, xMost = 1 }: CurveProps) {
  const xOf = (x: number): number => pad + (Math.min(x, xMost) / xMost) * side
  const yOf = (y: number): number => 8 + (1 - y) * side
  const path = points
    .filter(([x]) => x <= xMost)
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`)
    .join('')
  return (
    <figure class="curve">
      <figcaption>
        {title}
        {value !== undefined && <b>{value}</b>}
      </figcaption>
      <svg
        viewBox={`0 0 ${side + pad + 10} ${side + 42}`}
        role="img"
        aria-label={`${title}: ${yLabel} over ${xLabel}`}
      >
        {[0, 0.25, 0.5, 0.75, 1].map((v) => (
          <path key={v} class="grid" d={`M${pad} ${yOf(v)}h${side}M${pad + v * side} 8v${side}`} />
        ))}
        <path class="line" d={path} />
        {at !== null && <circle class="point" cx={xOf(at[0])} cy={yOf(at[1])} r="5" />}
        {[0, 1].map((v) => (
          <g key={v}>
            <text x={pad - 5} y={yOf(v) + 4} text-anchor="end">
              {v}
            </text>
            <text x={pad + v * side} y={side + 22} text-anchor="middle">
              {v * xMost}
            </text>
          </g>
        ))}
        <text x={pad + side / 2} y={side + 37} text-anchor="middle">
          {xLabel}
        </text>
        <text transform={`translate(12 ${8 + side / 2}) rotate(-90)`} text-anchor="middle">
          {yLabel}
        </text>
      </svg>
    </figure>
  )
}
