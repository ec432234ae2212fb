/** What lies in a backup: a manifest, the rows of each table as lines of JSON, and the files that they name. */
import { z } from 'zod'
import { archivedTables } from '../store/archive.ts'

export const manifestName = 'manifest.json'

export const manifestSchema = z.strictObject({
  format: z.literal('assay-studio-backup'),
  version: z.literal(1),
  /** The newest migration of the tables. */
  migration: z.string(),
  at: z.iso.datetime(),
})
export type Manifest = z.infer<typeof manifestSchema>

export const tableEntry = (table: string): string => `table/${table}.jsonl`
export const blobEntry = (sha256: string): string => `blob/${sha256}`

/** What an entry is; null for one that has no place in a backup. */
export function kindOf(
  name: string,
):
  | { readonly kind: 'table'; readonly table: (typeof archivedTables)[number] }
  | { readonly kind: 'blob'; readonly sha256: string }
  | null {
  const table = archivedTables.find((table) => name === tableEntry(table))
  if (table !== undefined) return { kind: 'table', table }
  const sha256 = /^blob\/([0-9a-f]{64})$/.exec(name)?.[1]
  return sha256 === undefined ? null : { kind: 'blob', sha256 }
}
