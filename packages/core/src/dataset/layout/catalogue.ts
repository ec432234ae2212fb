/**
 * The layouts that are known, in the order in which they are tried: the more particular first.
 *
 * A published set that is laid out like another is told by the names of its products.
 */
import { AssayError } from '@assay/contract'
import type { LayoutName } from '../dataset.ts'
import { listRoot, type Tree } from '../tree.ts'
import { goodAndDefects, mvtecAd, plain, products } from './folders.ts'
import { kolektorSdd } from './kolektorsdd.ts'
import type { Detection, Layout } from './layout.ts'
import { manifest } from './manifest.ts'
import { mtd } from './mtd.ts'
import { btad, itdd, mpdd, mvtecAd2, mvtecLoco, visaMvtec, wfdd } from './mvtec-family.ts'
import { visa } from './visa.ts'

export const layouts: readonly Layout[] = [
  manifest,
  visa,
  mtd,
  kolektorSdd,
  mvtecLoco,
  mvtecAd2,
  btad,
  visaMvtec,
  mpdd,
  itdd,
  wfdd,
  mvtecAd,
  goodAndDefects,
  products,
  plain,
]

/** Finds a layout by its name. */
export function findLayout(name: LayoutName): Layout {
  const layout = layouts.find((candidate) => candidate.name === name)
  if (layout === undefined) throw new Error(`internal: the layout ${name} is not in the catalogue`)
  return layout
}

/** The first layout that the tree speaks for, with the reason. Refuses a tree in which nothing is meant. */
export async function detectLayout(
  tree: Tree,
): Promise<{ readonly layout: Layout; readonly detection: Detection }> {
  for (const layout of layouts) {
    const detection = await layout.detect(tree)
    if (detection !== null) return { layout, detection }
  }
  const { folders } = await listRoot(tree)
  const reason = folders.length > 0 ? 'neither it nor the folders in it hold images' : 'it holds no images'
  throw new AssayError('DATA_NOT_UNDERSTOOD', { path: tree.root, reason })
}
