/**
 * A folder of data whose layout is not known yet: what lies in it is listed when somebody asks, and once.
 */
import { realpath, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { type Listing, listFolder } from './listing.ts'
import { type FolderLayout, isGoodFolder, recogniseLayout } from './product.ts'

export interface Tree {
  readonly root: string
  /** True for a file, which can only be a list of images. */
  readonly isFile: boolean
  /** What is in a folder below the root; null where there is none that can be opened. */
  folder(...names: readonly string[]): Promise<Listing | null>
  /** Whether there is a file of this name below the root. */
  hasFile(...names: readonly string[]): Promise<boolean>
  /** The layout that the names in the root itself speak for. */
  ownLayout(): Promise<FolderLayout | null>
  /** The folders one level down that look like products. */
  children(): Promise<Children>
  /** The products among the children, as far as the root has no folders of its own that mean something. */
  products(): Promise<readonly Child[]>
}

interface Children {
  readonly products: readonly Child[]
  /** Paths of folders that hold no images that could be meant. */
  readonly others: readonly string[]
  /** Paths of links that lead back to the root or above. */
  readonly loops: readonly string[]
}

export interface Child {
  readonly name: string
  readonly listing: Listing
  readonly layout: FolderLayout
}

/** Refuses a path at which there is nothing. */
export async function openTree(root: string): Promise<Tree> {
  const isFile = (await stat(root).catch(() => null))?.isFile() === true
  const listings = new Map<string, Promise<Listing | null>>()
  // A root that cannot be listed is an error to tell, a folder below it is not.
  if (!isFile) listings.set(root, Promise.resolve(await listFolder(root)))
  const folder = (...names: readonly string[]): Promise<Listing | null> => {
    const path = names.length === 0 ? root : join(root, ...names)
    const known = listings.get(path) ?? listFolder(path).catch(() => null)
    listings.set(path, known)
    return known
  }
  let children: Promise<Children> | undefined
  const readChildrenOnce = (): Promise<Children> => (children ??= readChildren(root, folder))
  const ownLayout = (): Promise<FolderLayout | null> => readOwnLayout(folder)
  return {
    root,
    isFile,
    folder,
    hasFile: async (...names) => (await stat(join(root, ...names)).catch(() => null))?.isFile() === true,
    ownLayout,
    children: readChildrenOnce,
    // Class folders are not searched: they may be huge.
    products: async () =>
      ((await ownLayout()) ?? 'plain') === 'plain' ? (await readChildrenOnce()).products : [],
  }
}

/** The listing of the root, which a folder always has. */
export async function listRoot(tree: Tree): Promise<Listing> {
  return (await tree.folder()) ?? listFolder(tree.root)
}

/** A folder named good or ok that is a product itself, with train or test inside, is no class folder. */
async function readOwnLayout(folder: Tree['folder']): Promise<FolderLayout | null> {
  const listing = await folder()
  const layout = listing === null ? null : recogniseLayout(listing)
  if (listing === null || layout !== 'good-and-defects') return layout
  for (const name of listing.folders.filter(isGoodFolder)) {
    const good = await folder(name)
    if (good !== null && recogniseLayout(good) === 'mvtec-ad')
      return listing.images.length > 0 ? 'plain' : null
  }
  return layout
}

async function readChildren(root: string, folder: Tree['folder']): Promise<Children> {
  const products: Child[] = []
  const others: string[] = []
  const loops: string[] = []
  const listing = await folder()
  if (listing === null) return { products, others, loops }
  const real = await realpath(root)
  for (const name of listing.folders) {
    const path = join(root, name)
    const target = await realpath(path).catch(() => null)
    if (target !== null && isWithin(real, target)) {
      loops.push(path)
      continue
    }
    const child = target === null ? null : await folder(name)
    const layout = child === null ? null : recogniseLayout(child)
    if (child === null || layout === null) others.push(path)
    else products.push({ name, listing: child, layout })
  }
  return { products, others, loops }
}

/** True if `path` is `folder` or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (!way.startsWith('..') && resolve(folder, way) === path)
}
