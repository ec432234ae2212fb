/** What all stores need to turn rows into messages and refusals. */
import { AssayError } from '@assay/contract'
import type { Db } from '../database/index.ts'

export function toTime(date: Date): string
export function toTime(date: Date | null): string | null
export function toTime(date: Date | null): string | null {
  return date === null ? null : date.toISOString()
}

/** The row, or NOT_FOUND. */
export function found<T>(row: T | undefined, what: string, id: string): T {
  if (row === undefined) throw new AssayError('NOT_FOUND', { what, id })
  return row
}

/** Joins the transaction that `db` is, or makes one. */
export function transact<T>(db: Db, run: (trx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? run(db) : db.transaction().execute(run)
}

/** Whether Postgres refused a row because of this unique index. */
export function isTaken(error: unknown, index: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '23505' &&
    'constraint' in error &&
    error.constraint === index
  )
}

/** A name as files may have it: no folders, no control characters, not endless. */
export function toFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .replaceAll(/\p{Cc}|\p{Cf}|\p{Cs}/gu, '')
    .trim()
    .slice(0, 200)
  return clean === '' || /^\.+$/.test(clean) ? 'picture' : clean
}
