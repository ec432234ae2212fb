/** Backup and restore: one archive that fits every kind of database and store. */
export { restoreBackup, type Restored } from './restore.ts'
export { writeBackup } from './write.ts'
