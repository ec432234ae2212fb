/** Scores of two versions against each other; those in the corners off the diagonal are judged otherwise. */
interface ScatterProps {
  readonly pairs: readonly { readonly x: number; readonly y: number; readonly isDefect: boolean }[]
  readonly xLimit: number
  readonly yLimit: number
  readonly xLabel: string
  readonly yLabel: string
}

const side = 220
const pad = 24

export function Scatter({ pairs, xLimit, yLimit, xLabel, yLabel }: ScatterProps) {
  const scaleOf = (values: readonly number[]): ((v: number) => number) => {
    const [low, high] = [Math.min(...values), Math.max(...values)]
    return (v) => 6 + ((v - low) / (high - low || 1)) * (side - 12)
  }
  const xOf = scaleOf([xLimit, ...pairs.map(({ x }) => x)])
  const yOf = scaleOf([yLimit, ...pairs.map(({ y }) => y)])
  return (
    <svg
      class="scatter"
      viewBox={`0 0 ${side + pad} ${side + pad}`}
      role="img"
      aria-label={`${yLabel} over ${xLabel}`}
    >
      <rect class="well" x={pad} y="0" width={side} height={side} />
      <path class="limit" d={`M${pad + xOf(xLimit)} 0v${side}M${pad} ${side - yOf(yLimit)}h${side}`} />
      {pairs.map(({ x, y, isDefect }, i) => {
        const [cx, cy] = [pad + xOf(x), side - yOf(y)]
        return isDefect ? (
          <path key={i} class="dot-defect" d={`M${cx - 3.5} ${cy - 3.5}l7 7m0-7l-7 7`} />
        ) : (
          <circle key={i} class="dot-good" cx={cx} cy={cy} r="3" />
        )
      })}
      <text x={pad + side / 2} y={side + 17} text-anchor="middle">
        {xLabel}
      </text>
      <text transform={`translate(14 ${side / 2}) rotate(-90)`} text-anchor="middle">
        {yLabel}
      </text>
    </svg>
  )
}
