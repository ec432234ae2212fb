/**
 * The unfinished file of a download: kept when the download stops, and taken up by the next one.
 *
 * Each lies in a folder of its own with a note of who writes it. It is taken over by renaming that folder, which
 * only one of several processes can do; a part whose writer is still at work is left alone.
 */
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { temporaryName } from '../cache/folder.ts'

export interface Part {
  readonly file: string
  /** ETag or date that the server gave for the bytes so far; null where it gave none. */
  readonly validator: string | null
  /** How many bytes are there. */
  size(): Promise<number>
  /** Empties it for a file that is begun, and notes that file's validator. */
  begin(validator: string | null): Promise<void>
  /** Leaves it for another time. */
  release(): Promise<void>
  remove(): Promise<void>
}

interface Note {
  readonly host: string
  /** Null when nobody is at work on it. */
  readonly pid: number | null
  readonly validator: string | null
}

const prefix = 'download'
const noteName = 'note.json'
/** A writer that has written nothing for so long is gone, whatever its note says. */
const abandonedMs = 10 * 60_000

/** Takes over the largest part in `folder` that nobody is at work on, or begins an empty one. */
export async function claimPart(folder: string): Promise<Part> {
  await fs.mkdir(folder, { recursive: true })
  const own = path.join(folder, temporaryName(prefix))
  const taken = await takeOver(folder, own)
  if (taken === undefined) await fs.mkdir(own)
  const file = path.join(own, 'part')
  let validator = taken?.validator ?? null
  const note = (pid: number | null): Promise<void> =>
    fs.writeFile(path.join(own, noteName), JSON.stringify({ host: os.hostname(), pid, validator }))
  await note(process.pid)
  await (await fs.open(file, 'a')).close()
  return {
    file,
    get validator() {
      return validator
    },
    size: async () => (await fs.stat(file)).size,
    begin: async (given) => {
      validator = given
      await fs.writeFile(file, '')
      await note(process.pid)
    },
    release: () => note(null),
    remove: () => fs.rm(own, { recursive: true, force: true }),
  }
}

interface FoundPart {
  readonly folder: string
  readonly bytes: number
  readonly validator: string | null
}

/** Renames the largest free part to `own`; the other free ones will never be finished and are removed. */
async function takeOver(folder: string, own: string): Promise<FoundPart | undefined> {
  const names = (await fs.readdir(folder)).filter((name) => name.startsWith(`${prefix}-`))
  const found = await Promise.all(names.map((name) => findFree(path.join(folder, name))))
  let taken: FoundPart | undefined
  for (const part of found.filter((p) => p !== undefined).sort((a, b) => b.bytes - a.bytes)) {
    if (taken !== undefined) await fs.rm(part.folder, { recursive: true, force: true })
    else {
      // Another process may be faster.
      const isOurs = await fs.rename(part.folder, own).then(
        () => true,
        () => false,
      )
      if (isOurs) taken = part
    }
  }
  return taken
}

/** The part in `folder`, unless somebody is at work on it. */
async function findFree(folder: string): Promise<FoundPart | undefined> {
  const stat = await fs.stat(path.join(folder, 'part')).catch(() => null)
  if (stat === null) return undefined
  const note = await readNote(folder)
  const isFree = Date.now() - stat.mtimeMs > abandonedMs || (note !== null && !isAtWork(note))
  return isFree ? { folder, bytes: stat.size, validator: note?.validator ?? null } : undefined
}

async function readNote(folder: string): Promise<Note | null> {
  const text = await fs.readFile(path.join(folder, noteName), 'utf8').catch(() => '')
  try {
    // Only ever written above; a cut one does not parse.
    return JSON.parse(text) as Note
  } catch {
    return null
  }
}

function isAtWork({ host, pid }: Note): boolean {
  if (pid === null) return false
  if (host !== os.hostname()) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
