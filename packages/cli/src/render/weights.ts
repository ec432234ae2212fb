/** Published and cached weights in words. */
import type { ListedWeights, PublishedWeights, VerifiedWeights, WeightsRecord } from '@assay/core'
import { renderTable } from './table.ts'
import { formatBytes, printable, type createPaint } from './text.ts'

type Paint = ReturnType<typeof createPaint>

/** The lines that `assay weights list` prints. */
export function listInWords(listed: readonly ListedWeights[], cache: string, paint: Paint): string[] {
  const rows = listed.map(({ weights, record }) => [
    weights.id,
    weights.licence,
    formatBytes(weights.bytes),
    record === null ? '–' : record.isPublished ? 'cached' : 'another file',
    weights.origin,
  ])
  const table = renderTable(
    [
      { head: 'id' },
      { head: 'licence' },
      { head: 'size', align: 'right' },
      { head: 'here' },
      { head: 'origin' },
    ],
    rows,
  )
  const others = listed.flatMap(({ record }) => (record === null || record.isPublished ? [] : [record]))
  return [
    ...table,
    '',
    ...others.map(
      (record) =>
        `${record.id} is ${paint('yellow', 'not the published file')}, but ${printable(record.source)}.`,
    ),
    paint('dim', `cache: ${printable(cache)}`),
  ]
}

/** Whose weights are about to be fetched, on which terms, and from where. */
export function originInWords({ id, origin, licence, note, url, bytes }: PublishedWeights): string[] {
  return [
    `${id}: ${origin}`,
    `licence: ${licence}${note === '' ? '' : `. ${note}`}`,
    `from: ${url} (${formatBytes(bytes)})`,
  ]
}

/** What came into the cache. */
export function recordInWords(record: WeightsRecord): string[] {
  const what = record.isPublished
    ? 'the published file, its sha256 compared'
    : 'not the published file; it was taken because its tensors have the right names and shapes'
  return [
    `${record.id}: ${what}`,
    `licence: ${record.licence}`,
    `origin: ${printable(record.origin)}`,
    `sha256: ${record.sha256}`,
    `file: ${printable(record.path)}`,
  ]
}

/** The lines that `assay weights verify` prints. */
export function verifiedInWords(verified: readonly VerifiedWeights[], paint: Paint): string[] {
  if (verified.length === 0) return ['Nothing is cached.']
  return verified.map(({ record, sha256, isIntact }) => {
    if (!isIntact)
      return `${record.id}: ${paint('red', 'damaged')}, its sha256 is ${sha256} instead of ${record.sha256}. Run "assay weights fetch ${record.id}".`
    const what = record.isPublished ? 'intact' : 'as it was added; not the published file'
    return `${record.id}: ${what}, sha256 ${sha256}`
  })
}
