/**
 * Notes of what a step has made in a tree, `<root>/.assay/<name>.json`: with which settings, and how far it is.
 *
 * A file is a step's own where there is a note and the step would give it that name. What others have put there
 * is never overwritten, and files made with other settings are never taken for done.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

type StepNote = Readonly<Record<string, string | number | boolean>>

export interface RecordOptions {
  readonly root: string
  /** Of the note: step, object and split. */
  readonly name: string
  /** What makes the files what they are; a difference is named to the user. */
  readonly settings: StepNote
  /** The folder, below the root, in which the files lie. */
  readonly folder: string
  /** Which files of the folder are the step's, by their path below it. */
  readonly isOwn: (path: string) => boolean
  readonly force: boolean
}

export interface StepRecord {
  /** What was kept of an earlier run; empty for a new one. */
  readonly kept: Readonly<Record<string, unknown>>
  /** Keeps more beside the settings. */
  keep(state: Readonly<Record<string, unknown>>): Promise<void>
}

/**
 * Opens or begins a note. Throws OUTPUT_EXISTS for a file of somebody else's, STEP_MISMATCH for files made with
 * other settings; with `force` the step's own files are removed first.
 */
export async function openRecord(options: RecordOptions): Promise<StepRecord> {
  const { root, name, settings, folder, isOwn, force } = options
  const path = notePath(root, name)
  const before = await readNote(root, name)
  const write = (state: Readonly<Record<string, unknown>>): Promise<void> =>
    writeOutput(path, new TextEncoder().encode(`${JSON.stringify({ settings, state }, null, 2)}\n`))
  if (before !== null && !force) {
    const what = Object.keys(settings).find((key) => before.settings[key] !== settings[key])
    if (what !== undefined) throw new AssayError('STEP_MISMATCH', { path: join(root, folder), what })
    return { kept: before.state, keep: write }
  }
  const own = (await listFiles(join(root, folder))).filter(isOwn)
  if (before === null && own[0] !== undefined)
    throw new AssayError('OUTPUT_EXISTS', { path: join(root, folder, own[0]) })
  for (const file of own) await rm(join(root, folder, file), { force: true })
  await write({})
  return { kept: {}, keep: write }
}

/** The folder of the notes, and of what a step keeps for itself. */
export const notes = '.assay'

/** Writes a file whole or not at all, with the folders above it; OUTPUT_NOT_WRITABLE. */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.part`)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, bytes, { flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path, reason: reasonOf(error) }, { cause: error })
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Every file below a folder by its path in it, with forward slashes; none where there is no folder. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) await walk(`${below}${entry.name}/`)
      else found.push(`${below}${entry.name}`)
    }
  }
  await walk('')
  return found.sort()
}

/** Forgets what was made; the files themselves stay. */
export async function forgetNote(root: string, name: string): Promise<void> {
  await rm(notePath(root, name), { force: true })
}

function notePath(root: string, name: string): string {
  return join(root, notes, `${name}.json`)
}

interface Note {
  readonly settings: Readonly<Record<string, unknown>>
  readonly state: Readonly<Record<string, unknown>>
}

/** A damaged note counts as none: what it spoke of is then not known to be ours. */
export async function readNote(root: string, name: string): Promise<Note | null> {
  try {
    const value: unknown = JSON.parse(await readFile(notePath(root, name), 'utf8'))
    if (typeof value !== 'object' || value === null) return null
    const { settings, state } = value as { settings?: unknown; state?: unknown }
    return { settings: { ...(settings as object) }, state: { ...(state as object) } }
  } catch {
    return null
  }
}
