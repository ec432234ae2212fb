/** The database: opening it, its tables, and messages between processes. */
export { notify } from './bus.ts'
export { lockFolder } from './lock.ts'
export { migrate, migrationNames, newestMigration } from './migrate.ts'
export { openDatabase, type Database, type DatabasePlace, type Db } from './open.ts'
export type * from './schema.ts'
