/** One line per inspected image, and the sentence that sums them up. */
import type { Inspection } from '@assay/contract'
import type { InspectionItem } from '@assay/core'
import { countOf, formatScore, printable, type createPaint } from './text.ts'

/** Verdict first, then score and threshold, regions, and the image last, where its length does not matter. */
export function inspectionLine(
  record: Inspection,
  paint: ReturnType<typeof createPaint>,
  showProduct: boolean,
): string {
  const { image, score, threshold, verdict, regions, product, error } = record
  if (error !== null || verdict === null || score === null || threshold === null) {
    return `${paint('yellow', 'failed')}  ${printable(error?.message ?? image)}`
  }
  const colour = verdict === 'good' ? 'green' : verdict === 'defect' ? 'red' : 'yellow'
  const words = [
    paint(colour, verdict.padEnd(6)),
    `${formatScore(score).padStart(7)} ${score > threshold ? '>' : '<'} ${formatScore(threshold)}`,
    (regions.length === 0 ? '' : countOf(regions.length, 'region')).padEnd(10),
  ]
  if (showProduct) words.push(printable(product ?? ''))
  words.push(printable(image))
  return words.join('  ')
}

/** "25 images: 12 defect, 12 good, 1 could not be inspected." */
export function summariseInspections(items: readonly InspectionItem[]): string {
  const count = (verdict: Inspection['verdict']): number =>
    items.filter((item) => item.record.verdict === verdict).length
  const parts = (['defect', 'unsure', 'good'] as const).map((verdict) => [count(verdict), verdict] as const)
  const words = parts
    .filter(([n, verdict]) => n > 0 || verdict !== 'unsure')
    .map(([n, verdict]) => `${n} ${verdict}`)
  const failed = items.filter((item) => item.record.error !== null).length
  if (failed > 0) words.push(`${failed} could not be inspected`)
  return `${countOf(items.length, 'image')}: ${words.join(', ')}.`
}
