/** Published experiments as text: the list of them, and one as a table with the paper's figures beside ours. */
import type { BenchMetric, ExperimentLine, Preset } from '@assay/core'
import { renderTable } from './table.ts'
import { formatDuration, formatPercent, printable } from './text.ts'

const heads: Readonly<Partial<Record<BenchMetric, string>>> = {
  imageAuroc: 'image AUROC',
  imageAp: 'image AP',
  imageF1Max: 'image F1-max',
  pixelAuroc: 'pixel AUROC',
  pixelAp: 'pixel AP',
  pixelF1Max: 'pixel F1-max',
  aupro30: 'AU-PRO 0.3',
  aupro05: 'AU-PRO 0.05',
  classF1: 'ClassF1',
  segF1: 'SegF1',
}

export interface ShownExperiment {
  readonly preset: Preset
  readonly lines: readonly ExperimentLine[]
  readonly trial: string | null
}

export function listExperiments(presets: readonly Preset[]): string[] {
  return renderTable(
    [{ head: 'name' }, { head: 'what' }, { head: 'products', align: 'right' }, { head: 'paper' }],
    presets.map((preset) => [preset.name, preset.title, String(preset.products.length), preset.paper]),
  )
}

export function showExperiment({ preset, lines, trial }: ShownExperiment): string[] {
  const { metrics } = preset
  const bySplit = Map.groupBy(lines, (line) => line.split)
  const tables = [...bySplit].flatMap(([split, own]) => [
    ...renderTable(
      [
        { head: `${split ?? preset.dataset}, %` },
        ...metrics.flatMap((metric) => [
          { head: heads[metric] ?? metric, align: 'right' as const },
          { head: 'paper', align: 'right' as const },
        ]),
        { head: 'training' },
      ],
      own.map((line) => tableRow(preset, line)),
    ),
    '',
    ...reasons(own),
  ])
  return [
    `${preset.title} (${preset.paper})`,
    ...(trial === null
      ? []
      : [`TRIAL, not the published experiment: ${trial}. Its figures say nothing about it.`]),
    '',
    ...tables,
    `paper: ${preset.source}`,
    ...preset.differences.map((difference) => `– ${difference}`),
  ]
}

function tableRow(preset: Preset, { product, ours, paper, of, row, notRun }: ExperimentLine): string[] {
  const all = preset.products.length
  const name = product ?? (of === null || of === 0 || of === all ? 'mean' : `mean of ${of} of ${all}`)
  const cells = preset.metrics.flatMap((metric) => [
    ours === null ? 'not run' : formatPercent(ours[metric] ?? null),
    formatPublished(paper?.[metric]),
  ])
  const seconds = row?.trainSeconds ?? null
  return [printable(name), ...cells, seconds === null || notRun !== null ? '' : formatDuration(seconds)]
}

/** In percent, with the digits it was printed with; whole numbers have one too. */
function formatPublished(figure: number | undefined): string {
  if (figure === undefined) return '–'
  return Number.isInteger(figure * 10) ? figure.toFixed(1) : figure.toFixed(2)
}

/** One line per reason, with the products that it concerns. */
function reasons(lines: readonly ExperimentLine[]): string[] {
  const named = lines.filter((line) => line.product !== null && line.notRun !== null)
  const byReason = Map.groupBy(named, (line) => line.notRun ?? '')
  const told = [...byReason].map(([reason, own]) => {
    const names = own.length === lines.length - 1 ? 'all' : own.map((line) => line.product).join(', ')
    return `not run, ${printable(names)}: ${printable(reason)}`
  })
  return told.length === 0 ? [] : [...told, '']
}

/** The document of `--json`; `ours` are shares from 0 to 1, `paper` percent as printed. */
export function experimentDocument({ preset, lines, trial }: ShownExperiment, out: string) {
  const { name, title, paper, source, differences } = preset
  return {
    experiment: { name, title, paper, source, differences },
    trial,
    out,
    lines: lines.map(({ row: _row, ...line }) => line),
  }
}
