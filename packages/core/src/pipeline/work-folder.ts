/**
 * The folder beside a model under training: what an interrupted run needs to go on.
 *
 * `plan.json` says which training it belongs to; every checkpoint is one safetensors file, written under
 * another name and renamed, so that a kill at any moment leaves the last whole one.
 */
import { AssayError, reasonOf } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Checkpoints } from '../method/method.ts'
import { openCheckpoint, writeSafetensors } from '../weights/index.ts'

export interface WorkFolder {
  readonly path: string
  readonly checkpoints: Checkpoints
  /** Removes the folder with all checkpoints. */
  remove(): Promise<void>
}

export interface WorkFolderOptions {
  /** The model file that is being made. */
  readonly out: string
  /** What makes two trainings the same, by name: any difference refuses a resume and is named. */
  readonly plan: Readonly<Record<string, string>>
  readonly resume: boolean
}

/** Prepares `<out>.work`: emptied for a new training, kept and checked for a resumed one. */
export async function openWorkFolder({ out, plan, resume }: WorkFolderOptions): Promise<WorkFolder> {
  const folder = `${out}.work`
  const planPath = path.join(folder, 'plan.json')
  if (resume) {
    const text = await fs.readFile(planPath, 'utf8').catch(() => null)
    if (text === null) throw new AssayError('RESUME_NOTHING', { path: folder })
    const before = parsePlan(text)
    for (const [what, value] of Object.entries(plan))
      if (before[what] !== value) throw new AssayError('RESUME_MISMATCH', { path: folder, what })
  } else {
    await refuseForeign(folder)
    await writing(folder, async () => {
      await fs.rm(folder, { recursive: true, force: true })
      await fs.mkdir(folder, { recursive: true })
      await fs.writeFile(planPath, `${JSON.stringify(plan, null, 2)}\n`)
    })
  }
  const fileOf = (name: string): string => path.join(folder, `${name}.safetensors`)
  return {
    path: folder,
    checkpoints: {
      load: async (name) => {
        const bytes = await fs.readFile(fileOf(name)).catch(() => null)
        return bytes === null ? null : readTensors(bytes, fileOf(name))
      },
      save: (name, tensors) =>
        writeFileSafely(fileOf(name), writeSafetensors(new Map(Object.entries(tensors)))),
    },
    remove: () => fs.rm(folder, { recursive: true, force: true }),
  }
}

/** The plan of an interrupted training; null when there is none. */
export async function readPlan(out: string): Promise<Record<string, unknown> | null> {
  const text = await fs.readFile(path.join(`${out}.work`, 'plan.json'), 'utf8').catch(() => null)
  return text === null ? null : parsePlan(text)
}

/** Writes a whole file or none: under another name, flushed to the disk, then renamed. */
export async function writeFileSafely(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.part`
  await writing(file, async () => {
    try {
      const handle = await fs.open(temporary, 'w')
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await fs.rename(temporary, file)
    } catch (error) {
      await fs.rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
  })
}

/** Fails early when the model could not be written in the end. */
export async function requireWritable(file: string): Promise<void> {
  const probe = `${file}.part`
  await writing(file, async () => {
    await fs.mkdir(path.dirname(path.resolve(file)), { recursive: true })
    if ((await fs.stat(file).catch(() => null))?.isDirectory() === true) throw new Error('it is a folder')
    await fs.writeFile(probe, '')
    await fs.rm(probe)
  })
}

async function writing<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: target, reason: reasonOf(error) }, { cause: error })
  }
}

/** A folder or file of that name which is not Assay's is never removed. */
async function refuseForeign(folder: string): Promise<void> {
  const status = await fs.stat(folder).catch(() => null)
  if (status === null) return
  const names = status.isDirectory() ? await fs.readdir(folder).catch(() => ['unreadable']) : ['a file']
  if (names.length > 0 && !names.includes('plan.json'))
    throw new AssayError('OUTPUT_EXISTS', { path: folder })
}

async function readTensors(bytes: Uint8Array, name: string): Promise<Record<string, Tensor>> {
  await using checkpoint = await openCheckpoint(bytes, { name })
  const tensors: Record<string, Tensor> = {}
  for (const key of checkpoint.names()) tensors[key] = await checkpoint.tensor(key)
  return tensors
}

function parsePlan(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
