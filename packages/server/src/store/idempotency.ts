/**
 * Answers to requests with an idempotency key. A repeated request gets the answer of the first.
 *
 * The row is written before the work begins, with the id that the new thing will have. If the server dies in
 * between, the next one lets the repeated request do the work with the same id, and what is there already is found.
 */
import { AssayError } from '@assay/contract'
import { sql } from 'kysely'
import type { Db } from '../database/index.ts'

interface Claim {
  readonly token: string
  readonly key: string
  readonly fingerprint: string
  /** Id for the new thing, if this is the first request. */
  readonly subject: string
  /** Of the database as the server opened it: what other runs began and nobody holds the lock of is abandoned. */
  readonly run: string
}

interface StoredAnswer {
  readonly status: number
  readonly response: unknown
}

export interface IdempotencyStore {
  /** Throws KEY_REUSED for another request, KEY_RUNNING for one that this server still works on. */
  claim(claim: Claim): Promise<{ readonly subject: string; readonly answer: StoredAnswer | null }>
  finish(claim: Pick<Claim, 'token' | 'key'>, answer: StoredAnswer): Promise<void>
  /** The next request with the key is the first again. */
  release(claim: Pick<Claim, 'token' | 'key'>): Promise<void>
  purge(before: Date): Promise<void>
}

export function createIdempotencyStore(db: Db): IdempotencyStore {
  return {
    claim: async (claim) => {
      const { token, key, fingerprint, subject, run } = claim
      const added = await db
        .insertInto('idempotency')
        .values({ token, key, fingerprint, subject, run })
        .onConflict((c) => c.columns(['token', 'key']).doNothing())
        .returning('subject')
        .executeTakeFirst()
      if (added !== undefined) return { subject: added.subject, answer: null }
      const row = await db
        .selectFrom('idempotency')
        .selectAll()
        .where('token', '=', token)
        .where('key', '=', key)
        .executeTakeFirst()
      if (row !== undefined && row.fingerprint !== fingerprint) throw new AssayError('KEY_REUSED', { key })
      if (row !== undefined && row.status !== null)
        return { subject: row.subject, answer: { status: row.status, response: row.response } }
      // Left by a server that is gone: exactly one may take it over.
      // An advisory lock that can be had is one that nobody holds.
      const taken = await db
        .updateTable('idempotency')
        .set({ run })
        .where('token', '=', token)
        .where('key', '=', key)
        .where('status', 'is', null)
        .where('run', '<>', run)
        .where(sql<boolean>`pg_try_advisory_xact_lock(hashtextextended(run, 0))`)
        .returning('subject')
        .executeTakeFirst()
      if (taken === undefined) throw new AssayError('KEY_RUNNING', { key })
      return { subject: taken.subject, answer: null }
    },
    finish: async ({ token, key }, { status, response }) => {
      await db
        .updateTable('idempotency')
        .set({ status, response: JSON.stringify(response) })
        .where('token', '=', token)
        .where('key', '=', key)
        .execute()
    },
    release: async ({ token, key }) => {
      await db.deleteFrom('idempotency').where('token', '=', token).where('key', '=', key).execute()
    },
    purge: async (before) => {
      await db.deleteFrom('idempotency').where('created_at', '<', before).execute()
    },
  }
}
