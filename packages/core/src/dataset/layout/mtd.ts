/**
 * Magnetic tile defects as distributed: `MT_<kind>/Imgs/<name>.jpg` with `<name>.png` as the mask beside.
 *
 * MT_Free holds the good tiles and has no split of its own. Published figures use that of DifferNet, whose list
 * names the training images; here the others are listed, for they are fewer.
 */
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Sample } from '../dataset.ts'
import { stemOf } from '../listing.ts'
import { mtd as published } from '../published/catalogue.ts'
import { listRoot, type Tree } from '../tree.ts'
import { chooseProducts } from './choose-products.ts'
import { nothingIgnored } from './folders.ts'
import { gatherProduct, ignoredExcept } from './gather.ts'
import type { Layout, Reading, ReadOptions } from './layout.ts'
import { isMtdTestImage } from './mtd-split.ts'

export const mtd: Layout = {
  name: 'mtd',
  title: 'MTD as distributed',
  published,
  isConvertible: true,
  detect: async (tree) =>
    (await tree.folder('MT_Free', 'Imgs')) === null
      ? null
      : { because: 'it has MT_Free/Imgs', isPublished: true },
  read: readMtd,
}

async function readMtd(tree: Tree, options: ReadOptions): Promise<Reading> {
  const listing = await listRoot(tree)
  const kinds = listing.folders.filter((name) => name.startsWith('MT_'))
  if (!kinds.includes('MT_Free')) {
    throw new AssayError('DATA_NOT_UNDERSTOOD', { path: tree.root, reason: 'it has no folder MT_Free' })
  }
  const name = 'mtd'
  chooseProducts([{ name }], options.products)
  const samples: Sample[] = []
  const masksWithoutImage: string[] = []
  for (const kind of kinds) {
    const inside = await tree.folder(kind, 'Imgs')
    const images = inside?.images.filter((image) => /\.jpe?g$/i.test(image)) ?? []
    const masks = new Map(
      inside?.images.filter((image) => !images.includes(image)).map((image) => [stemOf(image), image]),
    )
    for (const image of images) {
      const stem = stemOf(image)
      const isGood = kind === 'MT_Free'
      const mask = masks.get(stem)
      masks.delete(stem)
      samples.push({
        id: `${kind}/Imgs/${image}`,
        path: join(tree.root, kind, 'Imgs', image),
        product: name,
        split: isGood && !isMtdTestImage(stem) ? 'train' : 'test',
        label: isGood ? 'good' : 'defect',
        defect: isGood ? null : kind.slice('MT_'.length).toLowerCase(),
        maskPath: isGood || mask === undefined ? null : join(tree.root, kind, 'Imgs', mask),
        condition: null,
      })
    }
    masksWithoutImage.push(...[...masks.values()].map((mask) => join(tree.root, kind, 'Imgs', mask)))
  }
  const product = gatherProduct({
    name,
    path: tree.root,
    layout: 'mtd',
    samples,
    masksWithoutImage,
    ignored: ignoredExcept(listing, kinds),
  })
  return { products: [product], ignored: nothingIgnored }
}
