/** Scores of good and defect pictures, with a threshold that can be dragged or moved by keys. */
import { useRef } from 'preact/hooks'
import { formatScore } from '../part/number.ts'
import { ticksBetween } from './axis.ts'
import { useWidth } from './width.ts'

interface HistogramProps {
  readonly good: readonly number[]
  readonly defect: readonly number[]
  readonly threshold: number
  /** Where the model has it, if it was moved. */
  readonly before: number
  readonly onThreshold: (threshold: number) => void
}

const height = 230
const pad = { left: 14, right: 14, top: 26, bottom: 26 }
const bins = 44

export function Histogram({ good, defect, threshold, before, onThreshold }: HistogramProps) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const svg = useRef<SVGSVGElement>(null)
  const all = [...good, ...defect, before]
  const low = Math.min(...all)
  const high = Math.max(...all)
  const margin = (high - low) * 0.04 || Math.abs(low) * 0.1 || 1
  const [from, to] = [low - margin, high + margin]
  const inner = Math.max(1, width - pad.left - pad.right)
  const xOf = (score: number): number => pad.left + ((score - from) / (to - from)) * inner
  const count = (scores: readonly number[]): number[] => {
    const counts = Array.from({ length: bins }, () => 0)
    for (const score of scores) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(((score - from) / (to - from)) * bins)))
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    return counts
  }
  const [goodCounts, defectCounts] = [count(good), count(defect)]
  const most = Math.max(1, ...goodCounts.map((n, i) => n + (defectCounts[i] ?? 0)))
  const floor = height - pad.bottom
  const unit = (floor - pad.top) / most
  const binWidth = inner / bins
  const at = Math.min(to, Math.max(from, threshold))
  const moveTo = ({ clientX }: PointerEvent): void => {
    const rect = svg.current?.getBoundingClientRect()
    if (rect === undefined) return
    const share = Math.min(1, Math.max(0, (clientX - rect.left - pad.left) / inner))
    onThreshold(from + share * (to - from))
  }
  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -10,
      PageUp: 10,
    }
    const step = steps[event.key]
    if (step === undefined && event.key !== 'Home' && event.key !== 'End') return
    event.preventDefault()
    const small = (to - from) / (event.shiftKey ? 1000 : 250)
    const next = event.key === 'Home' ? from : event.key === 'End' ? to : threshold + (step ?? 0) * small
    onThreshold(Math.min(to, Math.max(from, next)))
  }
  // A drawing without a width cannot have the focus.
  if (width === 0) return <div ref={ref} class="chart" />
  return (
    <div ref={ref} class="chart">
      <svg
        ref={svg}
        width={width}
        height={height}
        role="group"
        aria-label={`Scores of ${good.length} good and ${defect.length} defect pictures`}
        onPointerDown={(event) => {
          svg.current?.setPointerCapture(event.pointerId)
          moveTo(event)
        }}
        onPointerMove={(event) => event.buttons === 1 && moveTo(event)}
      >
        <defs>
          <pattern
            id="defect-hatch"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect class="hatch-ground" width="5" height="5" />
            <path class="hatch-line" d="M0 0v5" />
          </pattern>
        </defs>
        <rect
          class="wrong-side"
          x={xOf(at)}
          y={pad.top}
          width={Math.max(0, width - pad.right - xOf(at))}
          height={floor - pad.top}
        />
        {goodCounts.map((n, i) => (
          <rect
            key={i}
            class="bar-good"
            x={pad.left + i * binWidth + 0.5}
            y={floor - n * unit}
            width={Math.max(1, binWidth - 1)}
            height={n * unit}
          />
        ))}
        {defectCounts.map((n, i) => (
          <rect
            key={i}
            class="bar-defect"
            fill="url(#defect-hatch)"
            x={pad.left + i * binWidth + 0.5}
            y={floor - (n + (goodCounts[i] ?? 0)) * unit}
            width={Math.max(1, binWidth - 1)}
            height={n * unit}
          />
        ))}
        <path class="axis" d={`M${pad.left} ${floor + 0.5}h${inner}`} />
        {ticksBetween(from, to, Math.max(2, width / 110)).map((tick) => (
          <text key={tick} class="tick-text" x={xOf(tick)} y={height - 8} text-anchor="middle">
            {tick}
          </text>
        ))}
        {before !== threshold && <path class="before" d={`M${xOf(before)} ${pad.top}V${floor}`} />}
        <g
          class="handle"
          role="slider"
          tabindex={0}
          aria-label="Threshold"
          aria-valuemin={from}
          aria-valuemax={to}
          aria-valuenow={threshold}
          aria-valuetext={formatScore(threshold)}
          onKeyDown={press}
          transform={`translate(${xOf(at)} 0)`}
        >
          <rect class="grip" x="-10" y={pad.top - 4} width="20" height={floor - pad.top + 8} />
          <path class="limit" d={`M0 ${pad.top - 4}V${floor + 4}`} />
          <rect class="knob" x="-30" y="3" width="60" height="18" rx="9" />
          <text x="0" y="16" text-anchor="middle">
            {formatScore(threshold)}
          </text>
        </g>
      </svg>
      <p class="chart-key">
        <span class="swatch good" /> good · {good.length}
        <span class="swatch defect" /> defect · {defect.length}
        {before !== threshold && (
          <>
            <span class="swatch before" /> the model’s threshold {formatScore(before)}
          </>
        )}
      </p>
    </div>
  )
}
