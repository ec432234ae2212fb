/** An evaluation as tables of text. */
import {
  metricNames,
  saturatedMetricNames,
  type Intervals,
  type Metrics,
  type MoreMetrics,
} from '@assay/contract'
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
  lines.push('', ...moreTables(evaluation))
  lines.push(...verdictTable(confusion))
  if (routing !== null) lines.push('', `product recognised: ${routing.correct} of ${routing.total}`)
  lines.push(
    '',
    `${countOf(images, 'image')} in ${formatDuration(seconds)}. F1-max is at the best threshold for these very images; verdicts are at the model's own.`,
  )
  for (const [name, metrics] of Object.entries(evaluation.products)) {
    const kinds = Object.values(metrics.more?.saturated?.kinds ?? {})
    const reasons = [metrics.why, metrics.more?.why, ...kinds.map((kind) => kind.why)]
    for (const reason of new Set(reasons.flatMap((why) => Object.values(why ?? {}))))
      lines.push(`– ${printable(name)}: ${printable(reason)}`)
  }
  return lines
}

/** The masks and the strict figures, then intervals and lighting conditions where there are any. */
function moreTables({ products, mean }: EvaluateResult['evaluation']): string[] {
  const all: [name: string, more: MoreMetrics][] = []
  for (const [name, { more }] of Object.entries(products)) {
    if (more !== undefined) all.push([printable(name), more])
  }
  if (all.length === 0) return []
  const withMean = all.length > 1 && mean.more !== undefined ? [...all, ['mean', mean.more] as const] : all
  const strict = numberTable(
    ['masks, %', 'SegF1', 'IoU', 'ClassF1', 'AUROC to 0.05', 'AUPIMO'],
    withMean.map(([name, { segF1, iou, classF1, auroc05, aupimo }]) => [
      name,
      ...[segF1, iou, classF1, auroc05, aupimo].map(formatPercent),
    ]),
  )
  const intervals = all.flatMap(([name, more]) =>
    more.intervals === undefined ? [] : [{ name, intervals: more.intervals }],
  )
  const conditions = all.flatMap(([name, more]) =>
    Object.entries(more.conditions ?? {}).map(([condition, m]) => [
      `${name}, ${printable(condition)}`,
      String(m.images),
      ...[m.imageAuroc, m.pixelAuroc, m.aupro30, m.aupro05, m.segF1, m.classF1].map(formatPercent),
    ]),
  )
  return [
    ...strict,
    '',
    ...saturatedTable(withMean),
    ...(intervals.length === 0 ? [] : intervalTable(intervals)),
    ...(conditions.length === 0
      ? []
      : [
          ...numberTable(
            ['light', 'images', 'AUROC', 'pixel AUROC', 'AU-PRO 0.3', '0.05', 'SegF1', 'ClassF1'],
            conditions,
          ),
          '',
        ]),
  ]
}

/** AU-sPRO by kind of defect, and the mean over kinds. */
function saturatedTable(all: readonly (readonly [name: string, more: MoreMetrics])[]): string[] {
  const rows = all.flatMap(([name, { saturated }]) =>
    saturated === undefined
      ? []
      : [...Object.entries(saturated.kinds), ['mean', saturated] as const].map(([kind, values]) => [
          `${name}, ${printable(kind)}`,
          ...saturatedMetricNames.map((metric) => formatPercent(values[metric])),
        ]),
  )
  if (rows.length === 0) return []
  return [...numberTable(['by defect, %', 'AUROC', 'AU-sPRO 0.01', '0.05', '0.1', '0.3', '1'], rows), '']
}

function intervalTable(rows: readonly { readonly name: string; readonly intervals: Intervals }[]): string[] {
  const { confidence = 0, draws = 0 } = rows[0]?.intervals ?? {}
  return [
    ...numberTable(
      [`${confidence * 100} % of draws`, 'AUROC', 'AP', 'pixel AUROC', 'AU-PRO 0.3', '0.05'],
      rows.map(({ name, intervals: i }) => [
        name,
        ...[i.imageAuroc, i.imageAp, i.pixelAuroc, i.aupro30, i.aupro05].map((interval) =>
          interval === null ? '–' : `${formatPercent(interval.low)}–${formatPercent(interval.high)}`,
        ),
      ]),
    ),
    `bootstrap over the test images, ${draws} draws`,
    '',
  ]
}

/** A table whose first column is words and whose others are numbers. */
function numberTable(
  [first = '', ...others]: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  return renderTable([{ head: first }, ...others.map((head) => ({ head, align: 'right' as const }))], rows)
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
