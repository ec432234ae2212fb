/** Recognises a published set in the MVTec AD layout by the names of its products. */
import type { PublishedSet } from '../published/index.ts'
import type { Tree } from '../tree.ts'
import type { Detection } from './layout.ts'

/**
 * Two names or more have to be those of the set, and no fewer than half of all: one bottle is anybody's bottle.
 */
export async function detectNames(tree: Tree, published: PublishedSet): Promise<Detection | null> {
  const names = (await tree.products())
    .filter((child) => child.layout === 'mvtec-ad')
    .map((child) => child.name)
  const known = names.filter((name) => published.products.has(name))
  if (known.length < 2 || 2 * known.length < names.length) return null
  return { because: `its folders are named ${listSome(known)}`, isPublished: true }
}

/** At most three names, and how many more there are. */
function listSome(names: readonly string[]): string {
  const more = names.length - 3
  return more > 0 ? `${names.slice(0, 3).join(', ')} and ${more} more` : names.join(' and ')
}
