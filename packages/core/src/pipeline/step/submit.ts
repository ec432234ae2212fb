/**
 * Maps and masks of the two private splits as a submission to the benchmark server: laid out, checked, packed.
 *
 * Files are linked where the file system can, else copied.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { copyFile, link, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  checkSubmission,
  packSubmission,
  submissionFolder,
  submissionObjects,
  submissionSplits,
  type PackedSubmission,
  type SubmissionReport,
} from '../../dataset/index.ts'
import type { StepEvent, StepOptions } from './event.ts'
import { isMap, isPicture, listSplit, outputPath } from './layout.ts'
import { exists } from './record.ts'

export interface StepSubmission {
  readonly archive: string
  /** What is wrong or worth knowing; with faults nothing was packed. */
  readonly report: SubmissionReport
  readonly packed: PackedSubmission | null
}

/** Writes `<folder>` and `<folder>.tar.gz`; OUTPUT_EXISTS where one of them is there. */
export async function* submitMaps(
  folder: string,
  { settings, signal }: StepOptions,
): AsyncGenerator<StepEvent, StepSubmission> {
  const archive = `${folder}.tar.gz`
  for (const path of [folder, archive])
    if (await exists(path)) throw new AssayError('OUTPUT_EXISTS', { path })
  const trees = [
    { kind: 'maps', root: settings.amap_savedir, accept: isMap, extension: '.tiff' },
    { kind: 'masks', root: settings.bin_savedir, accept: isPicture, extension: '.png' },
  ] as const
  let done = 0
  for (const object of submissionObjects.keys()) {
    signal?.throwIfAborted()
    yield { type: 'stage', object, what: 'gathering', done: done++, total: submissionObjects.size }
    for (const split of submissionSplits)
      for (const { kind, root, accept, extension } of trees)
        for (const file of await listSplit(root, object, split, accept)) {
          const to = join(folder, submissionFolder(kind), outputPath(object, split, file, extension))
          await place(file.path, to)
        }
  }
  yield { type: 'stage', object: 'submission', what: 'checking', done: 0, total: 1 }
  const report = await checkSubmission(folder, signal === undefined ? {} : { signal })
  if (report.faults.length > 0) return { archive, report, packed: null }
  yield { type: 'stage', object: 'submission', what: 'packing', done: 0, total: 1 }
  return {
    archive,
    report,
    packed: await packSubmission(folder, archive, signal === undefined ? {} : { signal }),
  }
}

async function place(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true })
    await link(from, to).catch(() => copyFile(from, to))
  } catch (error) {
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: to, reason: reasonOf(error) }, { cause: error })
  }
}
