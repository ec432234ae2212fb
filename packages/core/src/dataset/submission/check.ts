/**
 * Checks a submission to the MVTec AD 2 benchmark before it is uploaded, since uploads are counted.
 *
 * Everything that is wrong is listed, not only the first of it as the official checker does.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf } from '@assay/contract'
import { forEachOf } from '../for-each.ts'
import { judgeMapFile, judgeMaskFile, type ContentFinding } from './content.ts'
import {
  submissionFile,
  submissionFolder,
  submissionObjects,
  submissionSplits,
  type SubmissionKind,
} from './layout.ts'

export interface SubmissionFinding {
  /** Below the submission, with forward slashes; `.` is the submission itself. */
  readonly path: string
  /** Goes on from the path: `is missing`. */
  readonly problem: string
}

export interface SubmissionReport {
  /** To be put right before an upload. Sorted by path. */
  readonly faults: readonly SubmissionFinding[]
  /** The server takes it nonetheless. Sorted by path. */
  readonly warnings: readonly SubmissionFinding[]
  /** Maps and masks of the right name that were opened. */
  readonly files: number
}

export interface CheckSubmissionOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

/** Checks names and content of every file below `folder`; two files are in memory at a time. */
export async function checkSubmission(
  folder: string,
  options: CheckSubmissionOptions = {},
): Promise<SubmissionReport> {
  const { onProgress = () => {}, signal } = options
  const { faults, warnings, files } = await checkStructure(folder)
  let done = 0
  await forEachOf(files, 2, async ({ path, kind }) => {
    signal?.throwIfAborted()
    const finding = await judgeFile(join(folder, path), kind)
    if (finding !== null) (finding.isFault ? faults : warnings).push({ path, problem: finding.problem })
    onProgress({ done: ++done, total: files.length })
  })
  return { faults: faults.sort(byPath), warnings: warnings.sort(byPath), files: files.length }
}

async function judgeFile(path: string, kind: SubmissionKind): Promise<ContentFinding | null> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    return { isFault: true, problem: `cannot be read: ${reasonOf(error)}` }
  }
  return kind === 'maps' ? judgeMapFile(bytes) : judgeMaskFile(bytes)
}

interface Structure {
  readonly faults: SubmissionFinding[]
  readonly warnings: SubmissionFinding[]
  readonly files: readonly { readonly path: string; readonly kind: SubmissionKind }[]
}

async function checkStructure(folder: string): Promise<Structure> {
  const faults: SubmissionFinding[] = []
  const warnings: SubmissionFinding[] = []
  const files: { path: string; kind: SubmissionKind }[] = []
  const add = (path: string, problem: string): void => {
    faults.push({ path, problem })
  }
  /** Those of the wanted names that are there and of the right type, as paths below the submission. */
  const walk = async (
    below: string,
    type: 'folder' | 'file',
    wanted: readonly string[],
  ): Promise<string[]> => {
    const found = await list(join(folder, below))
    const toPath = (name: string): string => (below === '' ? name : `${below}/${name}`)
    for (const name of found.keys()) if (!wanted.includes(name)) add(toPath(name), 'does not belong there')
    return wanted.flatMap((name) => {
      if (!found.has(name)) add(toPath(name), 'is missing')
      else if (found.get(name) !== type) add(toPath(name), `is no ${type}`)
      else return [toPath(name)]
      return []
    })
  }

  if ((await typeOf(folder)) !== 'folder') {
    add('.', 'is no folder')
    return { faults, warnings, files }
  }
  const masks = submissionFolder('masks')
  const hasMasks = (await typeOf(join(folder, masks))) !== 'nothing'
  const kinds: readonly SubmissionKind[] = hasMasks ? ['maps', 'masks'] : ['maps']
  if (!hasMasks)
    warnings.push({ path: masks, problem: 'is missing; without masks SegF1 and ClassF1 will be 0' })
  const trees = await walk('', 'folder', kinds.map(submissionFolder))
  for (const kind of kinds) {
    if (!trees.includes(submissionFolder(kind))) continue
    const objects = await walk(submissionFolder(kind), 'folder', [...submissionObjects.keys()])
    for (const [object, count] of submissionObjects) {
      const path = `${submissionFolder(kind)}/${object}`
      if (!objects.includes(path)) continue
      const splits = await walk(path, 'folder', submissionSplits)
      for (const split of submissionSplits) {
        if (!splits.includes(`${path}/${split}`)) continue
        const names = Array.from({ length: count }, (_, i) => submissionFile(kind, split, i))
        for (const file of await walk(`${path}/${split}`, 'file', names)) files.push({ path: file, kind })
      }
    }
  }
  return { faults, warnings, files }
}

type EntryType = 'folder' | 'file' | 'nothing'

async function list(folder: string): Promise<ReadonlyMap<string, EntryType>> {
  const names = await readdir(folder)
  return new Map(
    await Promise.all(names.map(async (name) => [name, await typeOf(join(folder, name))] as const)),
  )
}

/** Links count as what they lead to. */
async function typeOf(path: string): Promise<EntryType> {
  const found = await stat(path).catch(() => null)
  if (found === null) return 'nothing'
  return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'nothing'
}

function byPath(a: SubmissionFinding, b: SubmissionFinding): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}
