/** An evaluation as tables of text. */
import { metricNames, type Metrics } from '@assay/contract'
import type { EvaluateResult } from '@assay/core'
import { renderTable } from './table.ts'
import { countOf, formatDuration, formatPercent, printable } from './text.ts'

const heads = ['AUROC', 'AP', 'F1-max', 'pixel AUROC', 'AP', 'F1-max', 'AU-PRO 0.3', '0.05'] as const

/** The lines that `assay evaluate` prints: metrics in percent, then what the verdicts got right. */
export function summariseEvaluation(result: EvaluateResult): string[] {
  const { evaluation, confusion, routing, images, seconds } = result
  const names = Object.keys(evaluation.products)
  const row = (name: string, metrics: Metrics): string[] => [
    name,
    ...metricNames.map((metric) => formatPercent(metrics[metric])),
  ]
  const rows = Object.entries(evaluation.products).map(([name, metrics]) => row(printable(name), metrics))
  if (names.length > 1) rows.push(row('mean', evaluation.mean))
  const lines = renderTable(
    [{ head: '%' }, ...heads.map((head) => ({ head, align: 'right' as const }))],
    rows,
  )
  lines.push('', ...verdictTable(confusion))
  if (routing !== null) lines.push('', `product recognised: ${routing.correct} of ${routing.total}`)
  lines.push(
    '',
    `${countOf(images, 'image')} in ${formatDuration(seconds)}. F1-max is at the best threshold for these very images; verdicts are at the model's own.`,
  )
  for (const [name, metrics] of Object.entries(evaluation.products)) {
    for (const reason of new Set(Object.values(metrics.why ?? {})))
      lines.push(`– ${printable(name)}: ${printable(reason)}`)
  }
  return lines
}

function verdictTable(confusion: EvaluateResult['confusion']): string[] {
  return renderTable(
    [
      { head: 'verdicts' },
      { head: 'good passed', align: 'right' },
      { head: 'good flagged', align: 'right' },
      { head: 'defects found', align: 'right' },
      { head: 'defects missed', align: 'right' },
    ],
    Object.entries(confusion).map(([name, c]) => [
      printable(name),
      String(c.goodPassed),
      String(c.goodFlagged),
      String(c.defectsFound),
      String(c.defectsMissed),
    ]),
  )
}
