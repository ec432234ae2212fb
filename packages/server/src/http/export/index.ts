/** Inspections as files, written while they are read: memory does not grow with their number. */
import { Readable } from 'node:stream'
import type { ApiInspection } from '@assay/contract/api'
import type { BytesAnswer } from '../call.ts'
import { toCsv } from './csv.ts'
import { toHtml } from './html.ts'

/** `products` are names by id. */
export function exportInspections(
  format: 'csv' | 'json' | 'html',
  inspections: AsyncIterable<ApiInspection>,
  products: ReadonlyMap<string, string>,
): BytesAnswer {
  const saveAs = `inspections.${format}`
  switch (format) {
    case 'csv':
      return { type: 'text/csv; charset=utf-8', content: Readable.from(toCsv(inspections, products)), saveAs }
    case 'json':
      return { type: 'application/json; charset=utf-8', content: Readable.from(toJson(inspections)), saveAs }
    case 'html':
      return {
        type: 'text/html; charset=utf-8',
        content: Readable.from(toHtml(inspections, products)),
        saveAs,
      }
    default:
      return format satisfies never
  }
}

async function* toJson(inspections: AsyncIterable<ApiInspection>): AsyncGenerator<string, void> {
  let before = '['
  for await (const inspection of inspections) {
    yield `${before}\n${JSON.stringify(inspection)}`
    before = ','
  }
  yield before === '[' ? '[]\n' : '\n]\n'
}
