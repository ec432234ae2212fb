/**
 * Finds the mask that belongs to an image, by name: `<name>_mask` or `<name>`, any image ending, or a folder
 * `<name>` with a picture per defect.
 *
 * Looked for in `<masks>/<defect>/`, then directly in `<masks>/` if no two defect images share the
 * name, then beside the image as `<name>_mask`. A mask belongs to one image.
 */
import { join } from 'node:path'
import { type Listing, stemOf } from './listing.ts'

/** A folder of masks, perhaps with one folder per defect inside. */
export interface MaskFolder {
  readonly top: Listing
  readonly byDefect: ReadonlyMap<string, Listing>
}

export interface MaskFinder {
  /** The mask of an image in the folder of a defect, or null. */
  find(defect: string, imageName: string): string | null
  /** Masks in mask folders that no `find` has given out. */
  unclaimed(): string[]
}

/** A finder over all mask folders of a product. `defectImages` are the file names in all defect folders. */
export function createMaskFinder(
  folders: readonly MaskFolder[],
  defectImages: readonly string[],
): MaskFinder {
  const uses = new Map<string, number>()
  for (const name of defectImages) uses.set(stemOf(name), (uses.get(stemOf(name)) ?? 0) + 1)
  const claimed = new Set<string>()
  const top = folders.map((folder) => indexByStem(folder.top))
  const byDefect = folders.map(
    (folder) => new Map([...folder.byDefect].map(([name, listing]) => [name, indexMasks(listing)])),
  )
  return {
    find(defect, imageName) {
      const stem = stemOf(imageName)
      const places = byDefect.map((defects) => defects.get(defect))
      if (uses.get(stem) === 1) places.push(...top)
      for (const place of places) {
        const path = place?.get(`${stem}_mask`) ?? place?.get(stem)
        if (path === undefined) continue
        claimed.add(path)
        return path
      }
      return null
    },
    unclaimed() {
      const all = [...top, ...byDefect.flatMap((defects) => [...defects.values()])]
      return all.flatMap((index) => [...index.values()]).filter((path) => !claimed.has(path))
    },
  }
}

/**
 * Images of a class folder with the masks that lie beside them: `7.png` and `7_mask.png`. Names ending
 * in `_mask` without a partner are images like any other.
 */
export function partMasks(listing: Listing): { images: string[]; maskOf: Map<string, string> } {
  const byStem = indexByStem(listing)
  const images: string[] = []
  const maskOf = new Map<string, string>()
  for (const name of listing.images) {
    const stem = stemOf(name)
    if (stem.endsWith('_mask') && byStem.has(stem.slice(0, -5))) continue
    images.push(name)
    const mask = byStem.get(`${stem}_mask`)
    if (mask !== undefined) maskOf.set(name, mask)
  }
  return { images, maskOf }
}

/** Masks of one defect: pictures by name, and folders of pictures. */
function indexMasks(listing: Listing): Map<string, string> {
  const index = indexByStem(listing)
  for (const name of listing.folders) if (!index.has(name)) index.set(name, join(listing.path, name))
  return index
}

function indexByStem(listing: Listing): Map<string, string> {
  const index = new Map<string, string>()
  for (const name of listing.images) {
    if (!index.has(stemOf(name))) index.set(stemOf(name), join(listing.path, name))
  }
  return index
}
