/** The table of runs on disk: read once, written whole after every run. */
import { readFile } from 'node:fs/promises'
import type { BenchJob, BenchRow } from '@assay/core'
import type { Core } from '../core.ts'
import { writeWhole } from '../output/write.ts'

export interface RunTable {
  readonly path: string
  rows(): readonly BenchRow[]
  /** The rows of a job; none before it has run. */
  rowsOf(job: BenchJob): readonly BenchRow[]
  add(rows: readonly BenchRow[]): Promise<void>
}

/** A table that is not ours is refused. */
export async function openRunTable(core: Core, path: string): Promise<RunTable> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
  const rows = core.parseRows(text, path)
  return {
    path,
    rows: () => rows,
    rowsOf: ({ identity }) => {
      const key = core.rowKey(identity)
      return rows.filter((row) => core.rowKey(row) === key)
    },
    add: async (more) => {
      rows.push(...more)
      await writeWhole(path, core.printRows(rows))
    },
  }
}
