/**
 * The images that were meant by paths: files as given, folders to the bottom.
 *
 * Inside a folder images are known by their name and come in natural order; names that begin with a dot
 * are passed over, links are followed once. A file that was named is always tried, whatever its name.
 */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { compareNatural } from './natural-order.ts'

export interface FoundImage {
  /** As it can be opened. */
  readonly path: string
  /** Below the path that was given, with forward slashes; the name alone for a file. */
  readonly relative: string
}

export interface FoundImages {
  readonly images: readonly FoundImage[]
  /** Paths at which there is nothing. */
  readonly missing: readonly string[]
  /** Folders that hold no image. */
  readonly empty: readonly string[]
}

export interface FindImagesOptions {
  /** A folder that is never entered: where the results go. */
  readonly except?: string | undefined
}

/** Finds each image once, in the order of the paths given. */
export async function findImages(
  paths: readonly string[],
  options: FindImagesOptions = {},
): Promise<FoundImages> {
  const images: FoundImage[] = []
  const missing: string[] = []
  const empty: string[] = []
  const known = new Set<string>()
  const except = options.except === undefined ? undefined : await canonical(options.except)
  const add = async (path: string, relative: string): Promise<void> => {
    const real = await canonical(path)
    if (!known.has(real)) images.push({ path, relative })
    known.add(real)
  }
  const walk = async (folder: string, relative: string, above: ReadonlySet<string>): Promise<number> => {
    const real = await canonical(folder)
    if (real === except || above.has(real)) return 0
    let found = 0
    const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) =>
      compareNatural(a.name, b.name),
    )
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      const below = `${relative}${entry.name}`
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry
      if (kind?.isDirectory() === true) {
        found += await walk(path, `${below}/`, new Set([...above, real]))
      } else if (isImageName(entry.name)) {
        // That includes a link that leads nowhere: it is reported as unreadable, not passed over in silence.
        await add(path, below)
        found++
      }
    }
    return found
  }
  for (const path of paths) {
    const there = await stat(path).catch(() => null)
    if (there === null) missing.push(path)
    else if (!there.isDirectory()) await add(path, basename(path))
    else if ((await walk(path, '', new Set())) === 0) empty.push(path)
  }
  return { images, missing, empty }
}

function isImageName(name: string): boolean {
  return /\.(?:png|jpe?g|jpe|jfif|tiff?|bmp|webp)$/i.test(name)
}

function canonical(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path))
}
