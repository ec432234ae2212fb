/**
 * Writes made-up parts as a dataset in the MVTec AD layout: one folder per product, PNG throughout.
 *
 * Every picture is a part of its own, named by the seed and its place in the dataset, so a larger
 * dataset of the same seed begins with the pictures of a smaller one.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'
import { encodeMaskPng, encodePng } from '../image/index.ts'
import { createRandom } from '../random.ts'
import { type PartDefect, partDefects, type PartProduct, partProducts, synthesisePart } from './part.ts'

export interface SynthesiseDatasetOptions {
  readonly products?: readonly PartProduct[]
  readonly defects?: readonly PartDefect[]
  readonly counts?: {
    readonly train?: number
    readonly validationGood?: number
    readonly testGood?: number
    /** Of each defect. */
    readonly testDefect?: number
  }
  /** In pixels; 320 x 320 by default. */
  readonly size?: { readonly width: number; readonly height: number }
  readonly seed?: number
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

/**
 * Writes `<folder>/<product>/train/good/000.png` and so on, and returns how many pictures there are,
 * masks not counted. Refuses a folder that already holds something.
 */
export async function synthesiseDataset(
  folder: string,
  options: SynthesiseDatasetOptions = {},
): Promise<number> {
  const {
    products = partProducts,
    size = { width: 320, height: 320 },
    seed = 0,
    onProgress,
    signal,
  } = options
  const pictures = products.flatMap((product) => planProduct(product, options))
  await refuseFilled(folder)
  let done = 0
  for (const { product, path, maskPath, defect } of pictures) {
    signal?.throwIfAborted()
    const part = synthesisePart({
      product,
      ...size,
      seed: createRandom(seed, product, path).uint32(),
      ...(defect === undefined ? {} : { defect }),
    })
    await write(folder, path, await encodePng(part.image, part.width, part.height, 3, { compression: 3 }))
    if (maskPath !== null)
      await write(folder, maskPath, await encodeMaskPng(part.mask, part.width, part.height))
    onProgress?.({ done: ++done, total: pictures.length })
  }
  return pictures.length
}

interface Picture {
  readonly product: PartProduct
  readonly path: string
  readonly maskPath: string | null
  readonly defect: PartDefect | undefined
}

function planProduct(product: PartProduct, options: SynthesiseDatasetOptions): Picture[] {
  const { defects = partDefects, counts = {} } = options
  const { train = 40, validationGood = 0, testGood = 10, testDefect = 4 } = counts
  const good = (split: string, count: number): Picture[] =>
    numbered(count).map((name) => ({
      product,
      path: `${product}/${split}/good/${name}.png`,
      maskPath: null,
      defect: undefined,
    }))
  return [
    ...good('train', train),
    ...good('validation', validationGood),
    ...good('test', testGood),
    ...defects.flatMap((defect) =>
      numbered(testDefect).map((name) => ({
        product,
        path: `${product}/test/${defect}/${name}.png`,
        maskPath: `${product}/ground_truth/${defect}/${name}_mask.png`,
        defect,
      })),
    ),
  ]
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i).padStart(3, '0'))
}

async function refuseFilled(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: folder, reason: reasonOf(error) }, { cause: error })
  })
  if (names.length > 0) throw new AssayError('OUTPUT_EXISTS', { path: folder })
}

async function write(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const target = join(folder, path)
  try {
    await mkdir(join(target, '..'), { recursive: true })
    await writeFile(target, bytes)
  } catch (error) {
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: target, reason: reasonOf(error) }, { cause: error })
  }
}
