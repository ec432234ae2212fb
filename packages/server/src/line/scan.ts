/** What lies in a watched folder, and what of it is finished: a file that is still being written grows. */
import { lstat, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'

export interface SeenFile {
  /** Below the folder, with forward slashes. */
  readonly path: string
  readonly place: string
  /** Size and time of the last change: what makes it another picture under the same name. */
  readonly stamp: string
  readonly modifiedMs: number
}

const pictureName = /\.(?:png|jpe?g|tiff?|bmp|webp)$/i

/** Pictures by name, in the folders below too, in the order of their last change. Links are not followed. */
export async function scanFolder(folder: string): Promise<SeenFile[]> {
  const found: SeenFile[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const parts = name.split(sep)
    if (parts.some((part) => part.startsWith('.')) || !pictureName.test(name)) continue
    const place = join(folder, name)
    // One that was moved away meanwhile is no concern of ours.
    const status = await lstat(place).catch(() => null)
    if (status === null || !status.isFile() || status.size === 0) continue
    const { size, mtimeMs } = status
    found.push({ path: parts.join('/'), place, stamp: `${size} ${mtimeMs}`, modifiedMs: mtimeMs })
  }
  return found.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.path < b.path ? -1 : 1))
}

export interface Settling {
  /** Of what was seen now, the files that did not change since they were seen `settleMs` ago or more. */
  settled(seen: readonly SeenFile[], now: number): SeenFile[]
}

export function createSettling(settleMs: number): Settling {
  let before = new Map<string, { readonly stamp: string; readonly since: number }>()
  return {
    settled: (seen, now) => {
      const next: typeof before = new Map()
      const done = seen.filter(({ path, stamp }) => {
        const last = before.get(path)
        const since = last?.stamp === stamp ? last.since : now
        next.set(path, { stamp, since })
        return now - since >= settleMs
      })
      before = next
      return done
    },
  }
}
