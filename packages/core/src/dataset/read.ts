/**
 * Reads a folder of pictures as a dataset, finding out its layout by the names in it.
 *
 * Understood: one product or a folder of products, each in the MVTec AD layout, as `good/` with defect
 * folders beside it, or as plain good images. Only names are read, so this is quick; `describeDataset`
 * opens the files. Anything not understood is listed under `ignored`, never silently used.
 */
import { realpath } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { AssayError, suggest } from '@assay/contract'
import type { Dataset, Ignored, Product, ProductLayout } from './dataset.ts'
import { type Listing, listFolder } from './listing.ts'
import { readProduct, recogniseLayout } from './product.ts'

export interface ReadDatasetOptions {
  /** Only these products; one that is not there is refused with the nearest name. */
  readonly products?: readonly string[]
}

/** Reads `root`. Refuses a folder without images; products without good images are left to the caller. */
export async function readDataset(root: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  const listing = await listFolder(root)
  const children = await readChildren(listing)
  const layout = chooseLayout(listing, children)
  if (layout === null) {
    const reason =
      listing.folders.length > 0 ? 'neither it nor the folders in it hold images' : 'it holds no images'
    throw new AssayError('DATA_NOT_UNDERSTOOD', { path: root, reason })
  }
  if (layout !== 'products') {
    const name = basename(resolve(root)) || 'product'
    refuseUnknown(options.products, [name])
    const product = await readProduct(listing, layout, name, '')
    return { root, layout, products: [product], ignored: nothingIgnored }
  }
  refuseUnknown(
    options.products,
    children.products.map((child) => child.name),
  )
  const wanted = options.products && new Set(options.products)
  const products: Product[] = []
  for (const child of children.products) {
    if (wanted !== undefined && !wanted.has(child.name)) continue
    products.push(await readProduct(child.listing, child.layout, child.name, `${child.name}/`))
  }
  return { root, layout, products, ignored: ignoredBeside(listing, children) }
}

interface Children {
  readonly products: readonly {
    readonly name: string
    readonly listing: Listing
    readonly layout: ProductLayout
  }[]
  readonly others: readonly string[]
  readonly loops: readonly string[]
}

/** Looks one level down for product folders; links that lead back to the root or above are left out. */
async function readChildren(listing: Listing): Promise<Children> {
  const products: { name: string; listing: Listing; layout: ProductLayout }[] = []
  const others: string[] = []
  const loops: string[] = []
  const root = await realpath(listing.path)
  // A folder with a layout of its own need not be searched, and its class folders may be huge.
  if ((recogniseLayout(listing) ?? 'plain') !== 'plain') return { products, others, loops }
  for (const name of listing.folders) {
    const path = join(listing.path, name)
    const child = await openChild(path, root)
    if (child === 'loop') {
      loops.push(path)
      continue
    }
    const layout = child === null ? null : recogniseLayout(child)
    if (child === null || layout === null) others.push(path)
    else products.push({ name, listing: child, layout })
  }
  return { products, others, loops }
}

/** Null for a folder that may not be opened, such as lost+found on a disk of data. */
async function openChild(path: string, root: string): Promise<Listing | 'loop' | null> {
  try {
    return isWithin(root, await realpath(path)) ? 'loop' : await listFolder(path)
  } catch {
    return null
  }
}

/**
 * Product folders with good/ or train/ inside outweigh images beside them (a preview, a logo); plain
 * folders of images do not, because images beside them are then the good ones.
 */
function chooseLayout(listing: Listing, children: Children): Dataset['layout'] | null {
  const own = recogniseLayout(listing)
  if (own !== null && own !== 'plain') return own
  if (children.products.some((child) => child.layout !== 'plain')) return 'products'
  if (own === 'plain') return 'plain'
  return children.products.length > 0 ? 'products' : null
}

/** True if `path` is `folder` or lies in it. */
function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (!way.startsWith('..') && resolve(folder, way) === path)
}

function refuseUnknown(wanted: readonly string[] | undefined, known: readonly string[]): void {
  for (const product of wanted ?? []) {
    if (!known.includes(product)) {
      throw new AssayError('PRODUCT_UNKNOWN', { product, known, suggestion: suggest(product, known) })
    }
  }
}

function ignoredBeside(listing: Listing, children: Children): Ignored {
  return {
    hidden: listing.hidden,
    notImages: listing.notImages,
    strayImages: listing.images.map((image) => join(listing.path, image)),
    folders: children.others,
    links: [...listing.brokenLinks, ...children.loops],
  }
}

const nothingIgnored: Ignored = { hidden: 0, notImages: 0, strayImages: [], folders: [], links: [] }
