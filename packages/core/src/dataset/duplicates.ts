/**
 * Finds files that are equal byte for byte: first by size, which needs no reading, then by SHA-256.
 *
 * A file is read in pieces, so memory does not grow with it. Pictures that only look the same (another
 * compression, another format) are not found.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/**
 * Groups of two or more equal files among `paths`, in the order given. Files that cannot be read are left
 * out. `onFile` is called once per path.
 */
export async function findDuplicates(
  paths: readonly string[],
  onFile: () => void = () => {},
): Promise<string[][]> {
  const bySize = new Map<number, string[]>()
  for (const path of paths) {
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    )
    if (size !== null && size > 0) append(bySize, size, path)
    onFile()
  }
  const groups: string[][] = []
  for (const candidates of bySize.values()) {
    if (candidates.length < 2) continue
    const byHash = new Map<string, string[]>()
    for (const path of candidates) {
      const hash = await hashFile(path)
      if (hash !== null) append(byHash, hash, path)
    }
    groups.push(...[...byHash.values()].filter((group) => group.length > 1))
  }
  return groups
}

function append<K>(groups: Map<K, string[]>, key: K, path: string): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [path])
  else group.push(path)
}

async function hashFile(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array)
  } catch {
    return null
  }
  return hash.digest('hex')
}
