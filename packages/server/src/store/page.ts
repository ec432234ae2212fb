/** Pages of lists: newest first, each from after the last id of the page before. */
import { AssayError } from '@assay/contract'
import { idSchema } from '@assay/contract/api'

export interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface Page<T> {
  readonly items: T[]
  readonly next: string | null
}

/** `rows` holds one more than the page if there are more. */
export function toPage<R extends { readonly id: string }, T>(
  rows: readonly R[],
  { limit }: PageQuery,
  toItem: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(toItem), next: last === undefined ? null : toCursor(last.id) }
}

/** Cursors are opaque, so that what they hold can change. */
function toCursor(id: string): string {
  return Buffer.from(`1:${id}`).toString('base64url')
}

/** The id after which a page begins. Throws REQUEST_INVALID. */
export function fromCursor(cursor: string): string {
  const [version, id] = Buffer.from(cursor, 'base64url').toString('utf8').split(':')
  const found = idSchema.safeParse(id)
  if (version !== '1' || !found.success)
    throw new AssayError('REQUEST_INVALID', { where: 'cursor', reason: 'it is not one that a list gave' })
  return found.data
}
