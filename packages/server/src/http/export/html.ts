/** Inspections as a page that needs nothing beside it. */
import type { ApiInspection } from '@assay/contract/api'
import { columns, toRow } from './row.ts'

export async function* toHtml(
  inspections: AsyncIterable<ApiInspection>,
  products: ReadonlyMap<string, string>,
): AsyncGenerator<string, void> {
  yield head
  yield `<table><thead><tr>${columns.map((name) => `<th>${name.replaceAll('_', ' ')}</th>`).join('')}</tr></thead><tbody>\n`
  for await (const inspection of inspections) {
    const cells = toRow(inspection, products).map(
      (value) => `<td>${escape(typeof value === 'number' ? shorten(value) : (value ?? ''))}</td>`,
    )
    yield `<tr class="${escape(inspection.record.verdict ?? 'none')}">${cells.join('')}</tr>\n`
  }
  yield '</tbody></table></html>\n'
}

const head = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Inspections</title>
<style>
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif }
table { border-collapse: collapse }
th, td { padding: 2px 8px; border-bottom: 1px solid #8884; text-align: left; white-space: nowrap }
tr.defect td:nth-child(5) { font-weight: bold }
</style>
<h1>Inspections</h1>
`

function shorten(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6)
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
