/** An experiment as a table: what came out here beside what was published. */
import type { Preset, PublishedLine } from './preset.ts'
import type { BenchRow } from './row.ts'

export interface ExperimentLine {
  readonly split: string | null
  /** Null for the mean over the products. */
  readonly product: string | null
  /** Shares from 0 to 1; null where nothing was measured. */
  readonly ours: Readonly<Record<string, number | null>> | null
  /** In percent, as printed; null where nothing was published. */
  readonly paper: PublishedLine['figures'] | null
  /** Why there are no figures of ours; null where there are. */
  readonly notRun: string | null
  /** How many products the mean is over. */
  readonly of: number | null
  readonly row: BenchRow | null
}

export interface ExperimentOutcome {
  /** The rows of this experiment with these very settings. */
  readonly rows: readonly BenchRow[]
  /** Why a product has no row. */
  readonly notRun: ReadonlyMap<string, string>
  /** Why a split that is measured elsewhere has no figures of ours. */
  readonly hidden: string
}

/** Every product has a line in every split, whether it ran or not; each split ends with its mean. */
export function tabulateExperiment(preset: Preset, outcome: ExperimentOutcome): ExperimentLine[] {
  if (preset.kind === 'model') return linesOf(preset, outcome, null)
  return [
    ...linesOf(preset, outcome, preset.measuredSplit),
    ...preset.hiddenSplits.flatMap((split) => hiddenLines(preset, outcome.hidden, split)),
  ]
}

function linesOf(
  preset: Preset,
  { rows, notRun }: ExperimentOutcome,
  split: string | null,
): ExperimentLine[] {
  const { metrics, products } = preset
  const lines = products.map((product): ExperimentLine => {
    const row = rows.find((candidate) => candidate.product === product) ?? null
    return {
      split,
      product,
      ours: row === null ? null : Object.fromEntries(metrics.map((metric) => [metric, row[metric]])),
      paper: findPublished(preset, split, product),
      notRun: row === null ? (notRun.get(product) ?? 'it was left out') : null,
      of: null,
      row,
    }
  })
  const measured = lines.filter((line) => line.ours !== null)
  const mean: ExperimentLine = {
    split,
    product: null,
    ours:
      measured.length === 0
        ? null
        : Object.fromEntries(
            metrics.map((metric) => [metric, meanOf(measured.map((l) => l.ours?.[metric] ?? null))]),
          ),
    paper: findPublished(preset, split, null),
    notRun: measured.length === 0 ? 'no product ran' : null,
    of: measured.length,
    row: null,
  }
  return [...lines, mean]
}

function hiddenLines(preset: Preset, reason: string, split: string): ExperimentLine[] {
  return [...preset.products, null].map((product) => ({
    split,
    product,
    ours: null,
    paper: findPublished(preset, split, product),
    notRun: reason,
    of: null,
    row: null,
  }))
}

function findPublished(preset: Preset, split: string | null, product: string | null) {
  const line = preset.published.find((l) => l.split === split && l.product === product)
  return line?.figures ?? null
}

/** Null where a product has no value. */
function meanOf(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return sum / values.length
}
