/**
 * Opens every file of a dataset and says what is there and what is odd about it.
 *
 * Of images only the header is read unless `thorough`; masks are decoded; equal files are found by
 * content. Two pictures are decoded at a time, so memory is that of the largest two.
 */
import { relative } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'
import { decodeImage, type ImageHeader, readImageHeader } from '../image/index.ts'
import type { Dataset, Product, Sample } from './dataset.ts'
import type { DatasetDescription, Oddity, ProductDescription } from './description.ts'
import { findDuplicates } from './duplicates.ts'
import { judgeMask } from './mask.ts'
import { findOddities, type MaskFinding, type ProductFindings } from './oddity.ts'
import { readDataset } from './read.ts'
import { countSamples, summariseFormats, summariseModes, summariseSizes } from './summary.ts'

export interface DescribeProgress {
  readonly product: string
  /** Files looked at so far and in all; images are counted once more for the search for equal files. */
  readonly done: number
  readonly total: number
}

export interface DescribeOptions {
  readonly products?: readonly string[]
  /** Also decodes every image, which finds files that are cut or damaged inside. */
  readonly thorough?: boolean
  readonly onProgress?: (progress: DescribeProgress) => void
  readonly signal?: AbortSignal
}

/** Describes the dataset at `root`. Faults in single files become oddities, not errors. */
export async function describeDataset(
  root: string,
  options: DescribeOptions = {},
): Promise<DatasetDescription> {
  const { products: wanted, thorough = false, onProgress = () => {}, signal } = options
  const dataset = await readDataset(root, wanted === undefined ? {} : { products: wanted })
  const total = dataset.products.reduce(
    (sum, { samples }) => sum + 2 * samples.length + masksOf(samples).length,
    0,
  )
  let done = 0
  const products: ProductDescription[] = []
  const oddities: Oddity[] = []
  for (const product of dataset.products) {
    const step = (): void => {
      signal?.throwIfAborted()
      onProgress({ product: product.name, done: ++done, total })
    }
    const findings = await openFiles(product, thorough, step)
    const headers = [...findings.headers.values()]
    products.push({
      name: product.name,
      layout: product.layout,
      understood: describeProductLayout(product),
      counts: countSamples(product),
      sizes: summariseSizes(headers),
      modes: summariseModes(headers),
      formats: summariseFormats(headers),
    })
    oddities.push(...findOddities(product, findings, (path) => toShort(root, path)))
  }
  oddities.push(
    ...findOddities({ name: null, ignored: dataset.ignored }, null, (path) => toShort(root, path)),
  )
  return { root, layout: dataset.layout, understood: describeLayout(dataset), products, oddities }
}

/** Reads headers, masks and hashes of one product; `step` is called once per piece of work. */
async function openFiles(product: Product, thorough: boolean, step: () => void): Promise<ProductFindings> {
  const headers = new Map<string, ImageHeader>()
  const unreadable = new Map<string, string>()
  const masks = new Map<string, MaskFinding>()
  const { samples } = product
  await forEachOf(samples, thorough ? 2 : 4, async ({ path }) => {
    try {
      const header = await readImageHeader(path)
      if (thorough) await decodeImage(path)
      headers.set(path, header)
    } catch (error) {
      unreadable.set(path, toReason(error))
    }
    step()
  })
  await forEachOf(masksOf(samples), 2, async ({ path, maskPath }) => {
    try {
      const mask = await decodeImage(maskPath)
      const image = headers.get(path)
      const fits = image === undefined || (image.width === mask.width && image.height === mask.height)
      masks.set(maskPath, { ...judgeMask(mask), fits })
    } catch (error) {
      unreadable.set(maskPath, toReason(error))
    }
    step()
  })
  const duplicates = await findDuplicates(
    samples.map((sample) => sample.path),
    step,
  )
  return { headers, unreadable, masks, duplicates }
}

function masksOf(samples: readonly Sample[]): { readonly path: string; readonly maskPath: string }[] {
  return samples.flatMap(({ path, maskPath }) => (maskPath === null ? [] : [{ path, maskPath }]))
}

/** The reason alone; the path is shown beside it. Anything but a fault of the file is passed on. */
function toReason(error: unknown): string {
  if (!(error instanceof AssayError)) throw error
  const params: unknown = error.params
  return typeof params === 'object' && params !== null && 'reason' in params
    ? String(params.reason)
    : reasonOf(error)
}

/** Runs `work` on every item, a few at a time; pictures that are decoded are all in memory together. */
async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

function toShort(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}

function describeLayout(dataset: Dataset): string {
  if (dataset.layout === 'products') {
    const count = dataset.products.length
    return `A folder of ${count} product${count === 1 ? '' : 's'}, one folder each.`
  }
  return `One product. ${dataset.products.map(describeProductLayout).join(' ')}`
}

function describeProductLayout(product: Product): string {
  const { layout, heldOut } = product
  switch (layout) {
    case 'plain':
      return 'A plain folder of good images, all for training.'
    case 'good-and-defects':
      return heldOut > 0
        ? `good/ with defect folders beside it. No test split of its own: every fifth good image in name order (${heldOut}) is held out from training and is used for evaluation with the defects.`
        : 'good/ with other folders beside it. All good images are for training.'
    case 'mvtec-ad':
      return 'The MVTec AD layout: train, test and perhaps validation folders, each with good/ or defect folders inside.'
    default:
      return layout satisfies never
  }
}
