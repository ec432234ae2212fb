/**
 * Throws away files that no row names any more.
 *
 * A file may be in the store before the row that names it, so young ones are left alone.
 */
import type { ReferenceStore } from '../store/reference.ts'
import type { BlobStore } from './blob.ts'

const batch = 500

export interface SweepOptions {
  readonly blobs: BlobStore
  readonly references: ReferenceStore
  /** Files that came later stay. */
  readonly before: Date
  readonly signal: AbortSignal
}

/** How many it threw away. */
export async function sweepBlobs({ blobs, references, before, signal }: SweepOptions): Promise<number> {
  let removed = 0
  const sweep = async (hashes: readonly string[]): Promise<void> => {
    const named = await references.named(hashes)
    for (const sha256 of hashes) {
      if (named.has(sha256)) continue
      await blobs.remove(sha256)
      removed++
    }
  }
  let waiting: string[] = []
  for await (const { sha256, at } of blobs.list()) {
    if (signal.aborted) return removed
    if (at < before) waiting.push(sha256)
    if (waiting.length < batch) continue
    await sweep(waiting)
    waiting = []
  }
  await sweep(waiting)
  return removed
}
