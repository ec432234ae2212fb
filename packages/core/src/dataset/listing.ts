/**
 * The names in one folder, sorted and told apart: images, folders, and what is passed over.
 *
 * Symbolic links count as what they lead to. An image is known by its file ending here; whether it
 * can be read shows later.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'
import { compareNatural } from './natural-order.ts'

export interface Listing {
  readonly path: string
  readonly images: readonly string[]
  readonly folders: readonly string[]
  readonly hidden: number
  readonly notImages: number
  /** Paths of links that lead nowhere. */
  readonly brokenLinks: readonly string[]
}

/** Lists a folder without going deeper. Refuses a path that is missing or no folder. */
export async function listFolder(path: string): Promise<Listing> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw toListingError(error, path)
  })
  const images: string[] = []
  const folders: string[] = []
  const brokenLinks: string[] = []
  let hidden = 0
  let notImages = 0
  for (const entry of entries) {
    if (entry.name.startsWith('.')) {
      hidden++
      continue
    }
    let kind: { isDirectory(): boolean; isFile(): boolean } = entry
    if (entry.isSymbolicLink()) {
      const target = join(path, entry.name)
      try {
        kind = await stat(target)
      } catch {
        brokenLinks.push(target)
        continue
      }
    }
    if (kind.isDirectory()) folders.push(entry.name)
    else if (kind.isFile() && isImageName(entry.name)) images.push(entry.name)
    else notImages++
  }
  images.sort(compareNatural)
  folders.sort(compareNatural)
  brokenLinks.sort(compareNatural)
  return { path, images, folders, hidden, notImages, brokenLinks }
}

/** File name without its ending. */
export function stemOf(name: string): string {
  return name.replace(/\.[^.]*$/, '')
}

function isImageName(name: string): boolean {
  return /\.(?:png|jpe?g|jpe|jfif|tiff?|bmp|webp)$/i.test(name)
}

function toListingError(error: unknown, path: string): AssayError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return new AssayError('DATA_NOT_FOUND', { path }, { cause: error })
  const reason = code === 'ENOTDIR' ? 'it is a file, not a folder' : reasonOf(error)
  return new AssayError('DATA_NOT_UNDERSTOOD', { path, reason }, { cause: error })
}
