/**
 * Writes made-up parts as a dataset in the MVTec AD layout: one folder per product, PNG throughout.
 *
 * Every picture is a part of its own, named by the seed and its place in the dataset, so a larger
 * dataset of the same seed begins with the pictures of a smaller one.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'
import { encodeMaskPng, encodePng } from '../image/index.ts'
import { createRandom } from '../random.ts'
import { defectsOf, type PartDefect, synthesisePart } from './part.ts'
import { type PartProduct, partProducts } from './product/index.ts'

export interface SynthesiseDatasetOptions {
  readonly products?: readonly PartProduct[]
  /** Of those that each product can have; all by default. */
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

/** What was written, by product. */
export interface SynthesisedDataset {
  readonly folder: string
  readonly width: number
  readonly height: number
  readonly seed: number
  /** Pictures in all, masks not counted, and masks. */
  readonly images: number
  readonly masks: number
  /** Of all files. */
  readonly bytes: number
  readonly products: readonly {
    readonly name: PartProduct
    readonly train: number
    readonly validation: number
    readonly testGood: number
    readonly defects: readonly { readonly name: PartDefect; readonly images: number }[]
  }[]
}

/**
 * Writes `<folder>/<product>/train/good/000.png` and so on, one picture in memory at a time. Defects that a
 * product cannot have are left out. Refuses a folder that already holds something; if it fails or is stopped,
 * what it wrote is removed.
 */
export async function synthesiseDataset(
  folder: string,
  options: SynthesiseDatasetOptions = {},
): Promise<SynthesisedDataset> {
  const {
    products = partProducts,
    size = { width: 320, height: 320 },
    seed = 0,
    onProgress,
    signal,
  } = options
  const plans = products.map((product) => planProduct(product, options))
  const pictures = plans.flatMap((plan) => plan.pictures)
  await refuseFilled(folder)
  let bytes = 0
  let done = 0
  try {
    for (const { product, path, maskPath, defect } of pictures) {
      signal?.throwIfAborted()
      const part = synthesisePart({
        product,
        ...size,
        seed: createRandom(seed, product, path).uint32(),
        ...(defect === undefined ? {} : { defect }),
      })
      const { image, mask, width, height } = part
      bytes += await write(folder, path, await encodePng(image, width, height, 3, { compression: 3 }))
      if (maskPath !== null) bytes += await write(folder, maskPath, await encodeMaskPng(mask, width, height))
      onProgress?.({ done: ++done, total: pictures.length })
    }
  } catch (error) {
    for (const product of products) await rm(join(folder, product), { recursive: true, force: true })
    throw error
  }
  const masks = pictures.filter(({ maskPath }) => maskPath !== null).length
  const counted = plans.map(({ counts }) => counts)
  return { folder, ...size, seed, images: pictures.length, masks, bytes, products: counted }
}

interface Picture {
  readonly product: PartProduct
  readonly path: string
  readonly maskPath: string | null
  readonly defect: PartDefect | undefined
}

interface ProductPlan {
  readonly counts: SynthesisedDataset['products'][number]
  readonly pictures: readonly Picture[]
}

function planProduct(product: PartProduct, options: SynthesiseDatasetOptions): ProductPlan {
  const { counts = {} } = options
  const { train = 40, validationGood = 0, testGood = 10, testDefect = 4 } = counts
  const defects = defectsOf(product).filter((defect) => options.defects?.includes(defect) ?? true)
  const good = (split: string, count: number): Picture[] =>
    numbered(count).map((name) => ({
      product,
      path: `${product}/${split}/good/${name}.png`,
      maskPath: null,
      defect: undefined,
    }))
  const bad = (defect: PartDefect): Picture[] =>
    numbered(testDefect).map((name) => ({
      product,
      path: `${product}/test/${defect}/${name}.png`,
      maskPath: `${product}/ground_truth/${defect}/${name}_mask.png`,
      defect,
    }))
  return {
    counts: {
      name: product,
      train,
      validation: validationGood,
      testGood,
      defects: defects.map((name) => ({ name, images: testDefect })),
    },
    pictures: [
      ...good('train', train),
      ...good('validation', validationGood),
      ...good('test', testGood),
      ...defects.flatMap(bad),
    ],
  }
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

/** Gives back the number of bytes. */
async function write(folder: string, path: string, bytes: Uint8Array): Promise<number> {
  const target = join(folder, path)
  try {
    await mkdir(join(target, '..'), { recursive: true })
    await writeFile(target, bytes)
    return bytes.length
  } catch (error) {
    throw new AssayError('OUTPUT_NOT_WRITABLE', { path: target, reason: reasonOf(error) }, { cause: error })
  }
}
