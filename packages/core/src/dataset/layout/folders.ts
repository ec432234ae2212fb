/**
 * The layouts that are told by folder names alone, for anybody's data: products in the MVTec AD layout, as
 * `good/` with defect folders beside it or as plain good images, and a folder of such products.
 */
import { basename, join, resolve } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Ignored, Product } from '../dataset.ts'
import { mvtecAd as publishedMvtecAd } from '../published/catalogue.ts'
import { type FolderLayout, readProduct } from '../product.ts'
import { type Child, listRoot, type Tree } from '../tree.ts'
import { chooseProducts } from './choose-products.ts'
import type { Layout, Reading, ReadOptions } from './layout.ts'
import { detectNames } from './named-set.ts'

export const mvtecAd: Layout = {
  name: 'mvtec-ad',
  title: 'MVTec AD',
  published: publishedMvtecAd,
  isConvertible: false,
  detect: async (tree) =>
    (await tree.ownLayout()) === 'mvtec-ad'
      ? { because: 'it has train or test folders', isPublished: false }
      : detectNames(tree, publishedMvtecAd),
  read: readMvtecProducts,
}

export const goodAndDefects: Layout = {
  name: 'good-and-defects',
  title: 'good images with defect folders beside them',
  published: null,
  isConvertible: true,
  detect: async (tree) =>
    (await tree.ownLayout()) === 'good-and-defects'
      ? { because: 'it has a folder of good images', isPublished: false }
      : null,
  read: (tree, options) => readRoot(tree, 'good-and-defects', options, 'it has no folder named good (or ok)'),
}

/**
 * Product folders with good/ or train/ inside outweigh images beside them (a preview, a logo); plain
 * folders of images do not, because images beside them are then the good ones.
 */
export const products: Layout = {
  name: 'products',
  title: 'one folder per product',
  published: null,
  isConvertible: true,
  detect: async (tree) => {
    const found = await tree.products()
    const isMeant = found.some((child) => child.layout !== 'plain') || (await tree.ownLayout()) === null
    return found.length > 0 && isMeant
      ? { because: `it has ${found.length === 1 ? 'a folder' : 'folders'} of images`, isPublished: false }
      : null
  },
  read: (tree, options) => readChildProducts(tree, options, () => true, 'the folders in it hold no images'),
}

export const plain: Layout = {
  name: 'plain',
  title: 'a plain folder of good images',
  published: null,
  isConvertible: true,
  detect: async (tree) =>
    (await tree.ownLayout()) === 'plain' ? { because: 'images lie in it', isPublished: false } : null,
  read: (tree, options) => readRoot(tree, 'plain', options, 'it holds no images'),
}

/** The product at the root, or those of its folders that are in the MVTec AD layout. */
export async function readMvtecProducts(tree: Tree, options: ReadOptions): Promise<Reading> {
  if ((await tree.ownLayout()) === 'mvtec-ad') return readRoot(tree, 'mvtec-ad', options, '')
  return readChildProducts(
    tree,
    options,
    (child) => child.layout === 'mvtec-ad',
    'neither it nor the folders in it have train or test folders',
  )
}

async function readRoot(
  tree: Tree,
  layout: FolderLayout,
  options: ReadOptions,
  reason: string,
): Promise<Reading> {
  const listing = await listRoot(tree)
  const isThere = layout === 'plain' ? listing.images.length > 0 : (await tree.ownLayout()) === layout
  if (!isThere) throw new AssayError('DATA_NOT_UNDERSTOOD', { path: tree.root, reason })
  const name = basename(resolve(tree.root)) || 'product'
  chooseProducts([{ name }], options.products)
  return { products: [await readProduct(listing, layout, name, '')], ignored: nothingIgnored }
}

async function readChildProducts(
  tree: Tree,
  options: ReadOptions,
  isMeant: (child: Child) => boolean,
  reason: string,
): Promise<Reading> {
  const listing = await listRoot(tree)
  const children = await tree.children()
  const meant = children.products.filter(isMeant)
  if (meant.length === 0) throw new AssayError('DATA_NOT_UNDERSTOOD', { path: tree.root, reason })
  const read: Product[] = []
  for (const child of chooseProducts(meant, options.products)) {
    read.push(await readProduct(child.listing, child.layout, child.name, `${child.name}/`))
  }
  const passedOver = children.products.filter((child) => !isMeant(child))
  return {
    products: read,
    ignored: {
      hidden: listing.hidden,
      notImages: listing.notImages,
      strayImages: listing.images.map((image) => join(listing.path, image)),
      folders: [...children.others, ...passedOver.map((child) => child.listing.path)],
      links: [...listing.brokenLinks, ...children.loops],
    },
  }
}

export const nothingIgnored: Ignored = {
  hidden: 0,
  notImages: 0,
  strayImages: [],
  folders: [],
  links: [],
}
