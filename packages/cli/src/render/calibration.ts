/** What a calibration changed, as lines of text. */
import { formatRate, roundRateUp } from '@assay/contract'
import type { RecalibrateResult } from '@assay/core'
import { renderTable } from './table.ts'
import { countOf, formatPercent, formatScore, printable } from './text.ts'
import { productThresholds } from './training.ts'

/** The lines that `assay calibrate` prints. */
export function summariseCalibration({ model, products }: RecalibrateResult): string[] {
  const zones = products.flatMap((p) => p.zones.map((zone) => ({ product: p.name, ...zone })))
  const lines = [
    `${printable(model)}  ${countOf(products.length, 'product')} calibrated`,
    '',
    ...productThresholds(products),
    '',
  ]
  if (zones.length > 0) {
    const columns = [{ head: 'product' }, { head: 'zone' }, { head: 'threshold', align: 'right' as const }]
    const rows = zones.map((z) => [printable(z.product), printable(z.name), formatScore(z.threshold)])
    lines.push(...renderTable(columns, rows), '')
  }
  for (const { name, before, threshold, heldOut, promised, confidence, defects } of products) {
    const images = countOf(heldOut, 'good image')
    lines.push(
      `${printable(name)}: the threshold was ${formatScore(before)} and is ${formatScore(threshold)}; ${images} ` +
        `promise at most ${formatRate(roundRateUp(promised))} false alarms, with ${formatRate(confidence)} confidence.`,
    )
    if (defects !== null)
      lines.push(
        `${printable(name)}: of ${countOf(defects.total, 'labelled defect')} ${defects.missed} would pass ` +
          `(${formatPercent(defects.missed / defects.total)} %).`,
      )
  }
  return lines
}
