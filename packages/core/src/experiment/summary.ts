/**
 * Rows over seeds: mean and deviation for each variant and product, and over all products.
 *
 * The deviation is that of a sample (n - 1). The line over all products takes the mean of each seed first, from
 * the seeds that every product has, so that it says how much a whole repetition moves.
 */
import { benchMetricNames, type BenchMetric, type BenchRow } from './row.ts'

export interface Spread {
  readonly mean: number
  /** Of a sample; null for a single value. */
  readonly deviation: number | null
}

/** Columns of a summary: the metrics, and what the verdicts got wrong, all shares from 0 to 1. */
export const summaryColumns = [...benchMetricNames, 'goodFlaggedShare', 'defectsMissedShare'] as const
export type SummaryColumn = (typeof summaryColumns)[number]

/** Null where a row of it has no number. */
export type SummaryCells = Readonly<Record<SummaryColumn, Spread | null>>

export interface SummaryLine {
  /** The set, and its product where it has several; null for the line over all. */
  readonly label: string | null
  readonly seeds: number
  readonly cells: SummaryCells
}

export interface VariantSummary {
  /** Method, profile and backbone; the recipe too where that is not enough. */
  readonly variant: string
  readonly lines: readonly SummaryLine[]
  /** Over all, if there are several products and a seed that all have. */
  readonly mean: SummaryLine | null
  readonly rows: readonly BenchRow[]
}

export function summariseRows(rows: readonly BenchRow[]): VariantSummary[] {
  const variants = Map.groupBy(rows, (row) =>
    JSON.stringify([row.method, row.profile, row.backbone, row.recipe]),
  )
  const nameCounts = new Map<string, number>()
  for (const [row] of variants.values()) {
    const name = row === undefined ? '' : variantName(row)
    nameCounts.set(name, (nameCounts.get(name) ?? 0) + 1)
  }
  return [...variants.values()].map((own) => {
    const [first] = own
    const name = first === undefined ? '' : variantName(first)
    const variant = nameCounts.get(name) === 1 ? name : `${name} ${first?.recipe}`
    const byLabel = Map.groupBy(own, rowLabel)
    const lines = [...byLabel].map(([label, group]) => ({
      label,
      seeds: group.length,
      cells: spreadOf(group.map((row) => [row])),
    }))
    return { variant, lines, mean: meanLine([...byLabel.values()]), rows: own }
  })
}

/** The middle value, or the mean of the two; null for none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length === 0 ? null : (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

/** The set, with the product behind it where the set has several. */
export function rowLabel({ set, product, products }: BenchRow): string {
  return products === 1 ? set : `${set} / ${product}`
}

/** Method, profile and backbone. */
function variantName({ method, profile, backbone }: BenchRow): string {
  return `${method} ${profile} ${backbone}`
}

function meanLine(groups: readonly (readonly BenchRow[])[]): SummaryLine | null {
  if (groups.length < 2) return null
  const seeds = [...new Set(groups.flat().map((row) => row.seed))].filter((seed) =>
    groups.every((group) => group.some((row) => row.seed === seed)),
  )
  if (seeds.length === 0) return null
  const repetitions = seeds.map((seed) => groups.map((group) => group.find((row) => row.seed === seed)!))
  return { label: null, seeds: seeds.length, cells: spreadOf(repetitions) }
}

/** The spread over repetitions of the mean over their rows. */
function spreadOf(repetitions: readonly (readonly BenchRow[])[]): SummaryCells {
  const cells = summaryColumns.map((column) => {
    const means = repetitions.map((rows) => meanOf(rows.map((row) => valueOf(row, column))))
    return [column, spread(means)] as const
  })
  // One for every column.
  return Object.fromEntries(cells) as SummaryCells
}

function valueOf(row: BenchRow, column: SummaryColumn): number | null {
  if (column === 'goodFlaggedShare') return share(row.goodFlagged, row.goodPassed)
  if (column === 'defectsMissedShare') return share(row.defectsMissed, row.defectsFound)
  return row[column satisfies BenchMetric]
}

function share(part: number | null, rest: number | null): number | null {
  return part === null || rest === null || part + rest === 0 ? null : part / (part + rest)
}

function meanOf(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return values.length === 0 ? null : sum / values.length
}

function spread(values: readonly (number | null)[]): Spread | null {
  const mean = meanOf(values)
  if (mean === null) return null
  const squares = values.reduce<number>((sum, value) => sum + ((value ?? mean) - mean) ** 2, 0)
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null }
}
