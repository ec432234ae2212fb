/**
 * Brings the tables to the newest form. On Postgres Kysely holds an advisory lock meanwhile, so that servers and
 * workers that start at once do not do it twice; each migration and its record are one transaction.
 */
import { Migrator, type Migration } from 'kysely/migration'
import type { Db } from './open.ts'
import * as first from './migration/0001-first.ts'

/** By name, in their order. A migration that was released never changes; the next one mends it. */
const migrations: Readonly<Record<string, Migration>> = { '0001-first': first }

export const migrationNames: readonly string[] = Object.keys(migrations)
export const newestMigration = '0001-first'

/** Up to the newest, or to `name`, which a backup of that age needs. */
export async function migrate(db: Db, name?: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error } = name === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(name)
  if (error !== undefined) throw error
}
