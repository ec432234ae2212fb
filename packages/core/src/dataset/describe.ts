/**
 * Opens every file of a dataset and says what is there and what is odd about it.
 *
 * Of images only the header is read unless `thorough`; masks are decoded; equal files are found by
 * content. Two pictures are decoded at a time, so memory is that of the largest two.
 */
import { relative } from 'node:path'
import { decodeImage, type ImageHeader, readImageHeader } from '../image/index.ts'
import type { Dataset, LayoutName, Product, Sample } from './dataset.ts'
import type { DatasetDescription, Oddity, ProductDescription } from './description.ts'
import { findDuplicates } from './duplicates.ts'
import { forEachOf } from './for-each.ts'
import { findLayout } from './layout/catalogue.ts'
import { judgeMask, listMaskFiles } from './mask.ts'
import { findOddities, type MaskFinding, type ProductFindings } from './oddity.ts'
import { comparePublished } from './published/index.ts'
import { readDataset } from './read.ts'
import { toReason } from './reason.ts'
import {
  countSamples,
  summariseConditions,
  summariseFormats,
  summariseModes,
  summariseSizes,
} from './summary.ts'

export interface DescribeProgress {
  readonly product: string
  /** Files looked at so far and in all; images are counted once more for the search for equal files. */
  readonly done: number
  readonly total: number
}

export interface DescribeOptions {
  readonly products?: readonly string[]
  /** Read as this and nothing else. */
  readonly layout?: LayoutName | undefined
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
  const { products: wanted, layout, thorough = false, onProgress = () => {}, signal } = options
  const dataset = await readDataset(root, { layout, ...(wanted === undefined ? {} : { products: wanted }) })
  const { published } = dataset
  const total = dataset.products.reduce(
    (sum, { samples }) => sum + 2 * samples.length + masksOf(samples).length,
    0,
  )
  let done = 0
  const products: ProductDescription[] = []
  const oddities: Oddity[] = []
  const readable = new Set<string>()
  const short = (path: string): string => toShort(dataset, path)
  for (const product of dataset.products) {
    const step = (): void => {
      signal?.throwIfAborted()
      onProgress({ product: product.name, done: ++done, total })
    }
    const findings = await openFiles(product, thorough, step)
    const headers = [...findings.headers.values()]
    for (const path of findings.headers.keys()) readable.add(path)
    products.push({
      name: product.name,
      layout: product.layout,
      understood: describeProductLayout(product),
      counts: countSamples(product),
      sizes: summariseSizes(headers),
      modes: summariseModes(headers),
      formats: summariseFormats(headers),
      conditions: summariseConditions(product.samples),
      defectKinds: product.defectKinds,
    })
    oddities.push(...findOddities(product, findings, short))
  }
  oddities.push(...findOddities({ name: null, ignored: dataset.ignored }, null, short))
  const differences = comparePublished(dataset, {
    isThere: (path) => readable.has(path),
    isWhole: wanted === undefined,
  })
  // What is missing comes first: it often explains the rest.
  oddities.unshift(
    ...differences.map(({ names, ...finding }) => ({ ...finding, examples: names.slice(0, 5).map(short) })),
  )
  return {
    root,
    layout: dataset.layout,
    understood: describeLayout(dataset),
    because: dataset.because,
    published: published && {
      name: published.name,
      standing: published.standing,
      source: published.source,
      isComplete: differences.length === 0,
      notes: published.notes,
    },
    products,
    oddities,
  }
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
    const files = await listMaskFiles(maskPath)
    if (files.length === 0) unreadable.set(maskPath, 'the folder holds no images')
    for (const file of files) {
      try {
        const mask = await decodeImage(file)
        const image = headers.get(path)
        const fits = image === undefined || (image.width === mask.width && image.height === mask.height)
        masks.set(file, { ...judgeMask(mask), fits })
      } catch (error) {
        unreadable.set(file, toReason(error))
      }
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

/** Below the root, or below the folder of a list; as it is if it lies elsewhere. */
function toShort({ root, layout, products }: Dataset, path: string): string {
  const base = layout === 'manifest' ? (products[0]?.path ?? root) : root
  const short = relative(base, path)
  return (short.startsWith('..') ? path : short).replaceAll('\\', '/')
}

function describeLayout(dataset: Dataset): string {
  const { layout, products, published } = dataset
  const count = `${products.length} product${products.length === 1 ? '' : 's'}`
  if (layout === 'products') return `A folder of ${count}, one folder each.`
  const isOwn = layout === 'mvtec-ad' || layout === 'good-and-defects' || layout === 'plain'
  if (isOwn && published === null) return `One product. ${products.map(describeProductLayout).join(' ')}`
  return `${findLayout(layout).title}: ${count}.`
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
    case 'visa':
      return 'Images, split and masks as 1cls.csv lists them.'
    case 'mtd':
      return 'MT_Free holds the good tiles, each other MT_ folder a kind of defect; good tiles are split as for DifferNet.'
    case 'kolektorsdd':
      return 'Items kos01 and on, good where the label beside the image is black. The split is that of Assay: good images of items 1 to 35 are for training.'
    case 'manifest':
      return 'Images, splits and labels as listed.'
    default:
      return layout satisfies never
  }
}
