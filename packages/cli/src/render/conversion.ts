/** A conversion of a dataset in words. */
import type { Conversion } from '@assay/core'
import { renderTable } from './table.ts'
import { countOf, formatBytes, printable, type createPaint } from './text.ts'

/** The lines that `assay data convert` prints. */
export function conversionInWords(conversion: Conversion, paint: ReturnType<typeof createPaint>): string[] {
  const { from, to, isLinked, products, bytes, conditionsLost } = conversion
  const files = products.reduce((sum, { images, masks }) => sum + images + masks, 0)
  const lines = [
    `${paint('bold', printable(to))}: ${countOf(files, 'file')} (${formatBytes(bytes)}) of ${printable(from)} in the MVTec AD layout, ${isLinked ? 'linked, not copied' : 'copied byte for byte'}.`,
    '',
    ...renderTable(
      [{ head: 'product' }, { head: 'images', align: 'right' }, { head: 'masks', align: 'right' }],
      products.map(({ name, images, masks }) => [printable(name), String(images), String(masks)]),
    ),
  ]
  if (conditionsLost > 0) {
    lines.push(
      '',
      paint(
        'yellow',
        `${countOf(conditionsLost, 'image')} had a condition, which this layout has no place for.`,
      ),
    )
  }
  return lines
}
