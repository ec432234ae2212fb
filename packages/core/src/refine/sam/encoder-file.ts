/**
 * The encoder as an ONNX file with its weights in a second one.
 *
 * The largest encoder has 2.5 GB of weights: they go from the checkpoint to the file tensor by tensor, and the
 * runtime maps the file, so they never are in our memory. Written once; later calls find it.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { writeOnnxExternal, type ExternalModel } from '@assay/graph'
import { mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { buildImageEncoder } from './encoder.ts'
import type { SamPlan } from './plan.ts'
import type { SamWeights } from './weights.ts'

const modelName = 'encoder.onnx'
const dataName = 'encoder.onnx.data'

export interface EncoderPlace {
  /** Where the two files are kept: one folder per id. */
  readonly folder: string
  /** Of the checkpoint. It stands for the numbers, which are not compared. */
  readonly sha256: string
}

/** The path of the ONNX file, written anew unless it is there and the same. A full disk is CACHE_NOT_WRITABLE. */
export async function writeEncoderFile(
  plan: SamPlan,
  weights: SamWeights,
  { folder, sha256 }: EncoderPlace,
): Promise<string> {
  const encoder = await writeOnnxExternal(buildImageEncoder(plan, weights), {
    location: dataName,
    metadata: { weights: sha256 },
  })
  if (!(await isThere(folder, encoder))) {
    try {
      await writeFiles(folder, encoder)
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      throw new AssayError('CACHE_NOT_WRITABLE', { path: folder, reason: reasonOf(error) }, { cause: error })
    }
  }
  return join(folder, modelName)
}

async function isThere(folder: string, { model, dataBytes }: ExternalModel): Promise<boolean> {
  try {
    const found = await readFile(join(folder, modelName))
    const { size } = await stat(join(folder, dataName))
    return size === dataBytes && found.equals(model)
  } catch {
    return false
  }
}

async function writeFiles(folder: string, { model, chunks }: ExternalModel): Promise<void> {
  await mkdir(folder, { recursive: true })
  const draft = await mkdtemp(join(folder, 'encoder-'))
  try {
    const file = await open(join(draft, dataName), 'wx')
    try {
      for await (const chunk of chunks()) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await writeFile(join(draft, modelName), model)
    // The model goes first and comes last: where it is, the weights beside it are its own, and whole.
    await rm(join(folder, modelName), { force: true })
    await rename(join(draft, dataName), join(folder, dataName))
    await rename(join(draft, modelName), join(folder, modelName))
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
