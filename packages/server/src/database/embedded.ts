/**
 * PGlite: Postgres in this process, its files in a folder. Times come as Date and 64-bit numbers as numbers, as from
 * `postgres.ts`.
 *
 * Its files are written through Node to the system, so a killed process loses nothing that was committed; see
 * docs/studio.md for how that was tried.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PGliteDialect } from 'kysely'
import { channel, createBus } from './bus.ts'
import { lockFolder } from './lock.ts'
import type { Engine } from './open.ts'

const int8 = 20

export async function openEmbedded(folder: string): Promise<Engine> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = await lockFolder(folder)
  const bus = createBus()
  try {
    const pglite = await PGlite.create({ dataDir: join(folder, 'database'), parsers: { [int8]: Number } })
    await pglite.listen(channel, bus.hear)
    return {
      dialect: new PGliteDialect({ pglite }),
      bus,
      executeSql: async (text, values) => {
        // Several statements at once, as pg-boss makes its tables with, take another call and have no values.
        if (values !== undefined && values.length > 0) return pglite.query(text, values)
        try {
          const results = await pglite.exec(text)
          // The rows that are asked for may stand before a "commit".
          return { rows: results.flatMap(({ rows }) => rows) }
        } catch (error) {
          // A statement that failed between "begin" and "commit" would fail all others of this one connection.
          await pglite.exec('rollback').catch(() => {})
          throw error
        }
      },
      close: async () => {
        if (!pglite.closed) await pglite.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}
