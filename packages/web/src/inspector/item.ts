/** The pictures that an inspector holds, and what became of each. */
import type { Inspection } from '@assay/contract'
import type { Fault, NamedBytes, ShownInspection } from '../worker/message.ts'

export type ItemState =
  | { readonly type: 'waiting' }
  | { readonly type: 'busy' }
  | { readonly type: 'done'; readonly record: Inspection }
  | { readonly type: 'failed'; readonly fault: Fault }

export interface Item {
  readonly id: number
  readonly picture: NamedBytes
  readonly state: ItemState
  readonly thumbnail: HTMLCanvasElement | null
}

/** Keeps the drawn results of the pictures looked at last: each has some bytes for every pixel. */
export interface Kept {
  get(id: number): ShownInspection | undefined
  set(id: number, shown: ShownInspection): void
  clear(): void
}

export function keepLast(count: number): Kept {
  const kept = new Map<number, ShownInspection>()
  return {
    get: (id) => {
      const shown = kept.get(id)
      if (shown !== undefined) {
        kept.delete(id)
        kept.set(id, shown)
      }
      return shown
    },
    set: (id, shown) => {
      kept.delete(id)
      kept.set(id, shown)
      for (const oldest of kept.keys()) {
        if (kept.size <= count) return
        kept.delete(oldest)
      }
    },
    clear: () => kept.clear(),
  }
}
