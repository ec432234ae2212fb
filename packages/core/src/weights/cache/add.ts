/**
 * Adds weights from a file that is on this machine already: the way for machines without internet, and for
 * conversions of the published file.
 *
 * The file is copied and the copy is judged, so what is in the cache is what was looked at.
 */
import { AssayError } from '@assay/contract'
import { constants } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'

import { fileNameOf, findPublished, type PublishedWeights } from '../catalogue.ts'
import type { Checkpoint, CheckpointFormat } from '../checkpoint.ts'
import { unreadable } from '../fault.ts'
import { openCheckpoint } from '../open.ts'
import { folderOf, placeOf, temporaryName, writing, type CacheOptions } from './folder.ts'
import { hashFile, type HashProgress } from './hash.ts'
import { installWeights, type WeightsRecord } from './record.ts'

/** Throws where a checkpoint is not what it is given as: WEIGHTS_UNSUITABLE, with the first tensors that differ. */
export type WeightsCheck = (checkpoint: Checkpoint) => void | Promise<void>

export interface AddOptions extends CacheOptions {
  /**
   * What another file than the published one has to pass: names and shapes of the tensors. Without it, only the
   * published file is taken.
   */
  readonly check?: WeightsCheck | undefined
  readonly signal?: AbortSignal
}

const extensions: Readonly<Record<CheckpointFormat, string>> = {
  'pytorch-zip': '.pth',
  'pytorch-legacy': '.pth',
  safetensors: '.safetensors',
  onnx: '.onnx',
}

/**
 * Copies `file` into the cache as the weights `id`. It must be readable; when it is not the published file, every
 * tensor is read and `check` decides, and the record says that it is another file. Otherwise WEIGHTS_UNREADABLE,
 * WEIGHTS_REFUSED, WEIGHTS_UNSUITABLE or WEIGHTS_SUM_DIFFERS, and the cache stays as it was.
 */
export async function* addWeights(
  id: string,
  file: string,
  options: AddOptions = {},
): AsyncGenerator<HashProgress, WeightsRecord> {
  const { check, signal } = options
  const { cache, catalogue } = placeOf(options)
  const entry = findPublished(id, catalogue)
  await refuseUnreadable(file)
  const folder = folderOf(cache, id)
  const copy = path.join(folder, temporaryName('added'))
  try {
    await writing(cache, async () => {
      await fs.mkdir(folder, { recursive: true })
      // Without a copy where the file system can share the bytes.
      await fs.copyFile(file, copy, constants.COPYFILE_FICLONE)
      await fs.chmod(copy, 0o644)
    })
    const found = yield* hashFile(copy, signal)
    const fileName =
      found.sha256 === entry.sha256
        ? fileNameOf(entry)
        : await judge(entry, { copy, file, sha256: found.sha256, check, signal })
    return await installWeights(cache, { entry, file: copy, fileName, ...found, source: path.basename(file) })
  } finally {
    await fs.rm(copy, { force: true })
  }
}

/** Opens the file where it is, so that what is wrong with it is said before a long copy, in its own name. */
async function refuseUnreadable(file: string): Promise<void> {
  await using checkpoint = await openCheckpoint(file)
  if (!checkpoint.isSelfContained)
    throw unreadable(
      file,
      'it keeps numbers in other files, which the cache does not take; save it as one file',
    )
}

interface Candidate {
  readonly copy: string
  /** The file as the user named it. */
  readonly file: string
  readonly sha256: string
  readonly check: WeightsCheck | undefined
  readonly signal: AbortSignal | undefined
}

/** Decides on a file that is not the published one, and says what to call it. */
async function judge(
  entry: PublishedWeights,
  { copy, file, sha256, check, signal }: Candidate,
): Promise<string> {
  if (check === undefined)
    throw new AssayError('WEIGHTS_SUM_DIFFERS', {
      weights: entry.id,
      path: file,
      expected: entry.sha256,
      found: sha256,
    })
  await using checkpoint = await openCheckpoint(copy, { name: file })
  await check(checkpoint)
  for (const name of checkpoint.names()) {
    signal?.throwIfAborted()
    await checkpoint.tensor(name)
  }
  return `${entry.id}${extensions[checkpoint.format]}`
}
