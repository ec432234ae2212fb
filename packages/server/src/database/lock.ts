/**
 * One process per data folder: PGlite would damage its files if two wrote them.
 *
 * The lock names the process and when it began, so that one left by a killed process is seen to be stale even when
 * its number has been given to another (as in a container that starts again). Two machines on one network folder do
 * not see each other's processes: for several machines there is Postgres.
 */
import { randomUUID } from 'node:crypto'
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '@assay/contract'

export interface FolderLock {
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly began: string | null
  /** Tells two locks of one process apart. */
  readonly id: string
}

export const lockName = 'studio.lock'

/** Throws FOLDER_IN_USE. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, lockName)
  const own: Holder = { pid: process.pid, began: await beganAt(process.pid), id: randomUUID() }
  const fresh = `${path}.${own.id}`
  await writeFile(fresh, JSON.stringify(own), { mode: 0o600 })
  try {
    // Linking fails if the name is there, and a lock is never seen half written.
    while (!(await tryLink(fresh, path))) {
      const holder = await readHolder(path)
      if (holder === null) continue
      if (await isAlive(holder)) throw new AssayError('FOLDER_IN_USE', { path: folder, pid: holder.pid })
      if (await takeOver(path, holder, fresh)) break
    }
  } finally {
    await rm(fresh, { force: true })
  }
  return {
    release: async () => {
      if ((await readHolder(path))?.id !== own.id) return
      for (const name of await readdir(folder))
        if (name.startsWith(`${lockName}.after-`)) await rm(join(folder, name), { force: true })
      await rm(path, { force: true })
    },
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * Puts `fresh` in the place of a stale lock. Of all who saw that lock only the one that makes its mark may, so that no
 * late one replaces a lock that came after it.
 */
async function takeOver(path: string, { id }: Holder, fresh: string): Promise<boolean> {
  const mark = `${path}.after-${id}`
  if (await tryLink(fresh, mark)) {
    await rename(fresh, path)
    return true
  }
  const other = await readHolder(mark)
  // It died between its mark and the rename.
  if (other !== null && !(await isAlive(other))) await rm(mark, { force: true })
  return false
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    if (error instanceof SyntaxError) return { pid: 0, began: null, id: 'damaged' }
    throw error
  }
}

async function isAlive({ pid, began }: Holder): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
  return (await beganAt(pid)) === began
}

/** When a process began, in ticks since the machine did; null where the system does not say. */
async function beganAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
