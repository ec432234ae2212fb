/** A table of runs as text: means and deviations over the seeds, and what the runs took. */
import type { BenchRow, Spread, SummaryColumn } from '@assay/core'
import type { Core } from '../core.ts'
import { renderTable } from './table.ts'
import { printable } from './text.ts'

const columns: readonly (readonly [column: SummaryColumn, head: string])[] = [
  ['imageAuroc', 'AUROC'],
  ['imageAp', 'AP'],
  ['imageF1Max', 'F1-max'],
  ['pixelAuroc', 'pixel AUROC'],
  ['pixelAp', 'AP'],
  ['pixelF1Max', 'F1-max'],
  ['aupro30', 'AU-PRO 0.3'],
  ['aupro05', '0.05'],
  ['segF1', 'SegF1'],
  ['goodFlaggedShare', 'good flagged'],
  ['defectsMissedShare', 'defects missed'],
]

/** One table per variant, then one of time and memory. */
export function summariseBench(core: Core, rows: readonly BenchRow[]): string[] {
  if (rows.length === 0) return ['No run has ended well.']
  const lines = core.summariseRows(rows).flatMap(({ variant, lines: own, mean }) => [
    ...renderTable(
      [
        { head: `${printable(variant)}, %` },
        { head: 'seeds', align: 'right' },
        ...columns.map(([, head]) => ({ head, align: 'right' as const })),
      ],
      [...own, ...(mean === null ? [] : [mean])].map(({ label, seeds, cells }) => [
        printable(label ?? 'mean'),
        String(seeds),
        ...columns.map(([column]) => formatSpread(cells[column])),
      ]),
    ),
    '',
  ])
  return [...lines, ...costTable(core, rows)]
}

function costTable(core: Core, rows: readonly BenchRow[]): string[] {
  const groups = Map.groupBy(rows, (row) => `${row.set}  ${row.method} ${row.profile} ${row.backbone}`)
  const number = (
    own: readonly BenchRow[],
    column: 'trainSeconds' | 'inspectMs' | 'peakMb' | 'steps',
  ): string => {
    const median = core.medianOf(own.flatMap((row) => row[column] ?? []))
    return median === null ? '–' : median.toFixed(column === 'trainSeconds' ? 1 : 0)
  }
  return renderTable(
    [
      { head: 'medians' },
      { head: 'steps', align: 'right' },
      { head: 'training, s', align: 'right' },
      { head: 'ms per picture', align: 'right' },
      { head: 'peak MB', align: 'right' },
    ],
    [...groups].map(([name, own]) => [
      printable(name),
      number(own, 'steps'),
      number(own, 'trainSeconds'),
      number(own, 'inspectMs'),
      number(own, 'peakMb'),
    ]),
  )
}

/** "91.8 ± 0.6", "91.8" for a single value, in percent. */
function formatSpread(spread: Spread | null): string {
  if (spread === null) return '–'
  const mean = (spread.mean * 100).toFixed(1)
  return spread.deviation === null ? mean : `${mean} ± ${(spread.deviation * 100).toFixed(1)}`
}
