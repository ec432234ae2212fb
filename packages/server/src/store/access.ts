/** Tokens and the sessions of browsers. Neither is kept: only the SHA-256 of what was handed out. */
import { createHash, randomBytes } from 'node:crypto'
import type { Role, tokenSchema } from '@assay/contract/api'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { Db, TokenTable } from '../database/index.ts'
import { found, toTime, transact } from './row.ts'

type ApiToken = z.output<typeof tokenSchema>

/** Who asks. */
export interface Identity {
  /** Id of the token. */
  readonly token: string
  readonly name: string
  readonly role: Role
  /** Present when a cookie was the proof. */
  readonly session: { readonly hash: string; readonly csrf: string; readonly expiresAt: Date } | null
}

export interface AccessStore {
  listTokens(): Promise<ApiToken[]>
  createToken(token: {
    id: string
    name: string
    role: Role
    expiresAt: Date | null
  }): Promise<{ readonly row: ApiToken; readonly token: string }>
  /** Ends its sessions too. Throws NOT_FOUND. */
  revokeToken(id: string): Promise<void>
  /** Null for one that is unknown, ended or expired. */
  findToken(token: string): Promise<Identity | null>
  /** The cookie's value and who it stands for. */
  openSession(
    identity: Identity,
    expiresAt: Date,
  ): Promise<{ readonly cookie: string; readonly csrf: string }>
  findSession(cookie: string): Promise<Identity | null>
  closeSession(hash: string): Promise<void>
  /** Ends sign-in links of earlier starts that nobody has used. */
  revokeUnused(name: string): Promise<void>
  purge(now: Date): Promise<void>
}

export function createAccessStore(db: Db): AccessStore {
  return {
    listTokens: async () => {
      const rows = await db.selectFrom('token').selectAll().orderBy('id', 'desc').execute()
      return rows.map(toToken)
    },
    createToken: async ({ id, name, role, expiresAt }) => {
      const token = `assay_${randomBytes(32).toString('base64url')}`
      const row = await db
        .insertInto('token')
        .values({ id, name, role, hash: hashOf(token), expires_at: expiresAt })
        .returningAll()
        .executeTakeFirstOrThrow()
      return { row: toToken(row), token }
    },
    revokeToken: (id) =>
      transact(db, async (trx) => {
        const row = await trx
          .updateTable('token')
          .set((e) => ({ revoked_at: e.fn.coalesce('revoked_at', e.val(new Date())) }))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        found(row, 'token', id)
        await trx.deleteFrom('session').where('token', '=', id).execute()
      }),
    findToken: async (token) => {
      const row = await db
        .selectFrom('token')
        .selectAll()
        .where('hash', '=', hashOf(token))
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (row === undefined || isPast(row.expires_at)) return null
      await touch(db, row)
      return { token: row.id, name: row.name, role: row.role, session: null }
    },
    openSession: async (identity, expiresAt) => {
      const cookie = randomBytes(32).toString('base64url')
      const csrf = randomBytes(32).toString('base64url')
      await db
        .insertInto('session')
        .values({ hash: hashOf(cookie), token: identity.token, csrf, expires_at: expiresAt })
        .execute()
      return { cookie, csrf }
    },
    findSession: async (cookie) => {
      const hash = hashOf(cookie)
      const row = await db
        .selectFrom('session')
        .innerJoin('token', 'token.id', 'session.token')
        .selectAll('token')
        .select(['session.csrf', 'session.expires_at as session_until'])
        .where('session.hash', '=', hash)
        .where('token.revoked_at', 'is', null)
        .executeTakeFirst()
      if (row === undefined || isPast(row.session_until) || isPast(row.expires_at)) return null
      await touch(db, row)
      const session = { hash, csrf: row.csrf, expiresAt: row.session_until }
      return { token: row.id, name: row.name, role: row.role, session }
    },
    closeSession: async (hash) => {
      await db.deleteFrom('session').where('hash', '=', hash).execute()
    },
    revokeUnused: async (name) => {
      await db
        .updateTable('token')
        .set({ revoked_at: new Date() })
        .where('name', '=', name)
        .where('last_used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .execute()
    },
    purge: async (now) => {
      await db.deleteFrom('session').where('expires_at', '<', now).execute()
    },
  }
}

/** A token is 32 random bytes, so that a plain hash cannot be searched; comparing is the index's work. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function isPast(at: Date | null): boolean {
  return at !== null && at.getTime() <= Date.now()
}

const touchMs = 60_000

/** Once a minute is often enough. */
async function touch(db: Db, { id, last_used_at: last }: Selectable<TokenTable>): Promise<void> {
  const now = new Date()
  if (last !== null && now.getTime() - last.getTime() < touchMs) return
  await db.updateTable('token').set({ last_used_at: now }).where('id', '=', id).execute()
}

function toToken(row: Selectable<TokenTable>): ApiToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: toTime(row.created_at),
    expiresAt: toTime(row.expires_at),
    revokedAt: toTime(row.revoked_at),
    lastUsedAt: toTime(row.last_used_at),
  }
}
