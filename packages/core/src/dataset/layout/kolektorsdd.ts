/**
 * KolektorSDD as distributed: `kos01/Part0.jpg` with `Part0_label.bmp` beside, black where nothing is wrong.
 *
 * Only the label's content tells a good image from a defect, so reading opens all of them. No split for learning
 * from good images alone is published: here those of items 1 to 35 are for training, and all else is for test.
 */
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import { decodeImage } from '../../image/index.ts'
import type { Sample } from '../dataset.ts'
import { forEachOf } from '../for-each.ts'
import { stemOf } from '../listing.ts'
import { judgeMask } from '../mask.ts'
import { kolektorSdd as published } from '../published/catalogue.ts'
import { listRoot, type Tree } from '../tree.ts'
import { chooseProducts } from './choose-products.ts'
import { nothingIgnored } from './folders.ts'
import { gatherProduct, ignoredExcept } from './gather.ts'
import type { Layout, Reading, ReadOptions } from './layout.ts'

export const kolektorSdd: Layout = {
  name: 'kolektorsdd',
  title: 'KolektorSDD as distributed',
  published,
  isConvertible: true,
  detect: async (tree) => {
    const listing = await tree.folder()
    const item = listing?.folders.find((name) => itemPattern.test(name))
    const inside = item === undefined ? null : await tree.folder(item)
    const label = inside?.images.find((name) => labelPattern.test(name))
    return label === undefined ? null : { because: `it has ${item}/${label}`, isPublished: true }
  },
  read: readKolektorSdd,
}

const itemPattern = /^kos(\d+)$/i
const labelPattern = /_label\.[^.]+$/i
/** Good images of items up to this one are for training. */
const lastTrainingItem = 35

async function readKolektorSdd(tree: Tree, options: ReadOptions): Promise<Reading> {
  const listing = await listRoot(tree)
  const items = listing.folders.filter((name) => itemPattern.test(name))
  if (items.length === 0) {
    throw new AssayError('DATA_NOT_UNDERSTOOD', {
      path: tree.root,
      reason: 'it has no folders kos01, kos02, ...',
    })
  }
  const name = 'kolektorsdd'
  chooseProducts([{ name }], options.products)
  const found: { readonly item: string; readonly image: string; readonly label: string | null }[] = []
  const masksWithoutImage: string[] = []
  for (const item of items) {
    const inside = (await tree.folder(item))?.images ?? []
    const labels = new Map(
      inside
        .filter((image) => labelPattern.test(image))
        .map((image) => [image.replace(labelPattern, ''), image]),
    )
    for (const image of inside.filter((image) => !labelPattern.test(image))) {
      found.push({ item, image, label: labels.get(stemOf(image)) ?? null })
      labels.delete(stemOf(image))
    }
    masksWithoutImage.push(...[...labels.values()].map((label) => join(tree.root, item, label)))
  }
  const truths = await readTruths(
    found.flatMap(({ item, label }) => (label === null ? [] : [join(tree.root, item, label)])),
  )
  const samples = found.map(({ item, image, label }): Sample => {
    const labelPath = label === null ? null : join(tree.root, item, label)
    const truth = labelPath === null ? 'unknown' : (truths.get(labelPath) ?? 'unknown')
    const number = Number(itemPattern.exec(item)?.[1])
    return {
      id: `${item}/${image}`,
      path: join(tree.root, item, image),
      product: name,
      split: truth === 'good' && number <= lastTrainingItem ? 'train' : 'test',
      label: truth,
      defect: truth === 'defect' ? 'crack' : null,
      maskPath: truth === 'defect' ? labelPath : null,
      condition: null,
    }
  })
  const product = gatherProduct({
    name,
    path: tree.root,
    layout: 'kolektorsdd',
    samples,
    masksWithoutImage,
    ignored: ignoredExcept(listing, items),
  })
  return { products: [product], ignored: nothingIgnored }
}

/** What each label says; one that cannot be opened says nothing. */
async function readTruths(paths: readonly string[]): Promise<ReadonlyMap<string, 'good' | 'defect'>> {
  const truths = new Map<string, 'good' | 'defect'>()
  await forEachOf(paths, 2, async (path) => {
    try {
      truths.set(path, judgeMask(await decodeImage(path)).isEmpty ? 'good' : 'defect')
    } catch (error) {
      if (!(error instanceof AssayError)) throw error
    }
  })
  return truths
}
