/**
 * The database: embedded in a folder (PGlite) or a Postgres of its own, with the same SQL.
 *
 * PGlite has one connection. Inside a transaction use the transaction only; whatever asks `db` meanwhile waits for
 * its end, and if the transaction waits for that, for ever.
 */
import { randomUUID } from 'node:crypto'
import { Kysely, type Dialect } from 'kysely'
import type { Bus } from './bus.ts'
import { openEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import type { Tables } from './schema.ts'

/** The database or a transaction on it. */
export type Db = Kysely<Tables>

export interface Database extends AsyncDisposable {
  /** Names this opening. While it lasts, nobody else gets the advisory lock of this name; see `idempotency.ts`. */
  readonly run: string
  readonly kind: 'embedded' | 'postgres'
  readonly db: Db
  readonly bus: Bus
  /** Any statement, for pg-boss. */
  readonly executeSql: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>
}

/** What an engine gives. */
export interface Engine {
  readonly dialect: Dialect
  readonly bus: Bus
  readonly executeSql: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>
  close(): Promise<void>
}

export type DatabasePlace = { readonly folder: string } | { readonly url: string }

/**
 * Opens it and brings its tables to the newest form. Throws FOLDER_IN_USE when another process has the folder open,
 * DATABASE_UNREACHABLE when there is none at the address.
 */
export async function openDatabase(
  place: DatabasePlace,
  options: { readonly migration?: string } = {},
): Promise<Database> {
  const run = randomUUID()
  const engine = 'folder' in place ? await openEmbedded(place.folder) : await openPostgres(place.url, run)
  const db = new Kysely<Tables>({ dialect: engine.dialect })
  try {
    await migrate(db, options.migration)
  } catch (error) {
    await db.destroy()
    await engine.close()
    throw error
  }
  return {
    run,
    kind: 'folder' in place ? 'embedded' : 'postgres',
    db,
    bus: engine.bus,
    executeSql: engine.executeSql,
    [Symbol.asyncDispose]: async () => {
      await db.destroy()
      await engine.close()
    },
  }
}
