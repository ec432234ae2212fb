/**
 * Brings a dataset into the MVTec AD layout, whole or not at all: files are copied or linked byte for byte under
 * another name first, which is read back and compared, and then the folder gets its name.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'
import type { Dataset, LayoutName, Sample } from '../dataset.ts'
import { readDataset } from '../read.ts'
import { isWithin } from '../tree.ts'
import { planConversion, type PlannedFile } from './plan.ts'

export interface ConvertOptions {
  /** What `from` is; found out by its names if not given. */
  readonly layout?: LayoutName | undefined
  readonly products?: readonly string[]
  /** Hard links instead of copies: no room is taken, and both folders have to be on one file system. */
  readonly link?: boolean
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

export interface Conversion {
  readonly from: string
  readonly to: string
  /** What `from` was taken for. */
  readonly layout: LayoutName
  readonly isLinked: boolean
  readonly products: readonly ConvertedProduct[]
  /** Of all files. */
  readonly bytes: number
  /** Images whose condition the MVTec AD layout has no place for. */
  readonly conditionsLost: number
}

export interface ConvertedProduct {
  readonly name: string
  readonly images: number
  readonly masks: number
}

/**
 * Makes `to` from `from`. Throws `OUTPUT_EXISTS` where something is in its place, `IMAGE_NOT_FOUND` for a file
 * that a list names and that is not there, `OUTPUT_NOT_WRITABLE` for any other fault on the way; then nothing is
 * left behind.
 */
export async function convertDataset(
  from: string,
  to: string,
  options: ConvertOptions = {},
): Promise<Conversion> {
  const { layout, products, link: isLinked = false, onProgress = () => {}, signal } = options
  const dataset = await readDataset(from, { layout, ...(products === undefined ? {} : { products }) })
  await requirePlace(from, to)
  const planned = await planConversion(dataset)
  const files = planned.flatMap((product) => [...product.images, ...product.masks])
  const temporary = `${resolve(to)}.${randomBytes(6).toString('hex')}.part`
  let bytes = 0
  try {
    await makeFolders(temporary, files)
    for (const [i, file] of files.entries()) {
      signal?.throwIfAborted()
      bytes += await place(file, temporary, isLinked)
      onProgress({ done: i + 1, total: files.length })
    }
    await compare(dataset, temporary)
    await rename(temporary, to)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof AssayError) throw error
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: to, reason: reasonOf(error) }, { cause: error })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return {
    from,
    to,
    layout: dataset.layout,
    isLinked,
    products: planned.map(({ name, images, masks }) => ({
      name,
      images: images.length,
      masks: masks.length,
    })),
    bytes,
    conditionsLost: samplesOf(dataset).filter((sample) => sample.condition !== null).length,
  }
}

async function requirePlace(from: string, to: string): Promise<void> {
  if ((await stat(to).catch(() => null)) !== null) throw new AssayError('OUTPUT_EXISTS', { path: to })
  const isFolder = (await stat(from)).isDirectory()
  if (isFolder && isWithin(resolve(to), resolve(from))) {
    const reason = 'it lies in the folder that it is made from'
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: to, reason })
  }
}

async function makeFolders(root: string, files: readonly PlannedFile[]): Promise<void> {
  await mkdir(root, { recursive: true })
  for (const folder of new Set(files.map((file) => dirname(file.to)))) {
    await mkdir(join(root, folder), { recursive: true })
  }
}

/** Puts one file in its place and returns its size. */
async function place({ from, to }: PlannedFile, root: string, isLinked: boolean): Promise<number> {
  const found = await stat(from).catch(() => null)
  if (found === null || !found.isFile()) throw new AssayError('IMAGE_NOT_FOUND', { path: from })
  const target = join(root, to)
  if (!isLinked) await copyFile(from, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  // The file itself, so that a symbolic link does not become one that leads elsewhere.
  else await link(await realpath(from), target).catch((error: unknown) => refuseLink(target, error))
  return found.size
}

function refuseLink(path: string, error: unknown): never {
  const isFar = error instanceof Error && 'code' in error && error.code === 'EXDEV'
  const reason = isFar
    ? 'it is on another file system, where files cannot be linked; copy them instead'
    : reasonOf(error)
  throw new AssayError('OUTPUT_NOT_WRITABLE', { path, reason }, { cause: error })
}

/** Refuses a copy in which Assay would not see what it saw before. */
async function compare(dataset: Dataset, copy: string): Promise<void> {
  const back = await readDataset(copy, { layout: 'mvtec-ad' })
  const [before, after] = [dataset, back].map((read) => tally(read))
  const differing = [...(before ?? [])].find(([what, count]) => after?.get(what) !== count)
  if (differing === undefined && before?.size === after?.size) return
  const reason = `in the MVTec AD layout it would not be understood as it is here${differing === undefined ? '' : ` (${differing.join(': ')})`}`
  throw new AssayError('DATA_NOT_UNDERSTOOD', { path: dataset.root, reason })
}

/** Images by product, split, label, defect and whether there is a mask. */
function tally(dataset: Dataset): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { product, split, label, defect, maskPath } of samplesOf(dataset)) {
    const what = [product, split, defect ?? label, maskPath === null ? 'no mask' : 'mask'].join(', ')
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return counts
}

function samplesOf({ products }: Dataset): Sample[] {
  return products.flatMap((product) => product.samples)
}
