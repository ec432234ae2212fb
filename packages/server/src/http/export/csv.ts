/** Inspections as CSV (RFC 4180), in UTF-8. */
import type { ApiInspection } from '@assay/contract/api'
import { columns, toRow } from './row.ts'

export async function* toCsv(
  inspections: AsyncIterable<ApiInspection>,
  products: ReadonlyMap<string, string>,
): AsyncGenerator<string, void> {
  yield `${columns.join(',')}\r\n`
  for await (const inspection of inspections) yield `${toRow(inspection, products).map(toCell).join(',')}\r\n`
}

function toCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // A spreadsheet would take a name that begins so for a formula.
  const text = /^[=+\-@\t]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
