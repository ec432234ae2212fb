/** The published sets that keep to the MVTec AD layout, each with what it adds. */
import { basename } from 'node:path'
import type { Product, Sample } from '../dataset.ts'
import { defectKindFile, readDefectKinds } from '../defect-kind.ts'
import { stemOf } from '../listing.ts'
import * as published from '../published/catalogue.ts'
import type { PublishedSet } from '../published/index.ts'
import type { Tree } from '../tree.ts'
import { readMvtecProducts } from './folders.ts'
import type { Layout } from './layout.ts'
import { detectNames } from './named-set.ts'

export const mvtecAd2: Layout = {
  name: 'mvtec-ad-2',
  title: 'MVTec AD 2',
  published: published.mvtecAd2,
  isConvertible: false,
  detect: async (tree) => {
    const found = await findInProducts(tree, async (folders) =>
      ['test_public', 'test_private'].find((name) => folders.has(name)),
    )
    return found === null
      ? null
      : { because: `it has ${found}`, isPublished: await namesSome(tree, published.mvtecAd2) }
  },
  read: async (tree, options) => {
    const reading = await readMvtecProducts(tree, options)
    return { ...reading, products: reading.products.map(withConditions) }
  },
}

export const mvtecLoco: Layout = {
  name: 'mvtec-loco',
  title: 'MVTec LOCO AD',
  published: published.mvtecLoco,
  isConvertible: false,
  detect: async (tree) => {
    const found = await findInProducts(tree, async (folders, names) => {
      if (await tree.hasFile(...names, defectKindFile)) return defectKindFile
      const test = folders.has('test') ? await tree.folder(...names, 'test') : null
      return test?.folders.includes('logical_anomalies') === true ? 'test/logical_anomalies' : undefined
    })
    return found === null
      ? null
      : { because: `it has ${found}`, isPublished: await namesSome(tree, published.mvtecLoco) }
  },
  read: async (tree, options) => {
    const reading = await readMvtecProducts(tree, options)
    const products: Product[] = []
    for (const product of reading.products) {
      const names = product.path === tree.root ? [] : [product.name]
      const hasKinds = await tree.hasFile(...names, defectKindFile)
      products.push(hasKinds ? { ...product, defectKinds: await readDefectKinds(product.path) } : product)
    }
    return { ...reading, products }
  },
}

export const btad: Layout = {
  name: 'btad',
  title: 'BTAD',
  published: published.btad,
  isConvertible: true,
  detect: async (tree) => {
    const detection = await detectNames(tree, published.btad)
    if (detection === null) return null
    const found = await findInProducts(tree, async (folders, names) => {
      const train = folders.has('train') ? await tree.folder(...names, 'train') : null
      return train?.folders.includes('ok') === true ? 'train/ok' : undefined
    })
    return found === null ? null : { ...detection, because: `${detection.because}, and it has ${found}` }
  },
  read: readMvtecProducts,
}

export const visaMvtec: Layout = namedSet('visa-mvtec', 'VisA in the MVTec AD layout', published.visa)
export const mpdd: Layout = namedSet('mpdd', 'MPDD', published.mpdd)
export const itdd: Layout = namedSet('itdd', 'ITDD', published.itdd)
export const wfdd: Layout = namedSet('wfdd', 'WFDD', published.wfdd)

function namedSet(name: Layout['name'], title: string, set: PublishedSet): Layout {
  return {
    name,
    title,
    published: set,
    isConvertible: false,
    detect: (tree) => detectNames(tree, set),
    read: readMvtecProducts,
  }
}

/**
 * What `look` finds in the first product that has it, with the product's name before it; the root itself may be
 * the product. `look` gets the folders in it and the names that lead there.
 */
async function findInProducts(
  tree: Tree,
  look: (folders: ReadonlySet<string>, names: readonly string[]) => Promise<string | undefined>,
): Promise<string | null> {
  const root = await tree.folder()
  const products = await tree.products()
  const places: readonly (readonly [names: readonly string[], folders: readonly string[]])[] = [
    [[], root?.folders ?? []],
    ...products.map((child) => [[child.name], child.listing.folders] as const),
  ]
  for (const [names, folders] of places) {
    const what = await look(new Set(folders), names)
    if (what !== undefined) return [...names, what].join('/')
  }
  return null
}

async function namesSome(tree: Tree, set: PublishedSet): Promise<boolean> {
  const products = await tree.products()
  const names = products.length > 0 ? products.map((child) => child.name) : [basename(tree.root)]
  return names.some((name) => set.products.has(name))
}

function withConditions(product: Product): Product {
  return {
    ...product,
    samples: product.samples.map((sample) => ({ ...sample, condition: conditionOf(sample) })),
  }
}

/** The lighting, as the name says it: `000_overexposed.png`. Whatever follows the number counts. */
function conditionOf(sample: Sample): string | null {
  return /^\d+_(.+)$/.exec(stemOf(basename(sample.path)))?.[1] ?? null
}
