/**
 * Area under the saturated per-region overlap curve (AU-sPRO), by the definition of the official MVTec LOCO AD
 * evaluation.
 *
 * A defect is found in full once as many of its pixels are found as its saturation says: sPRO at a threshold is
 * the mean over all defects of min(1, found pixels / saturation). A defect is one region even where it is in
 * pieces, and defects may share pixels, each counting those for itself. The false positive rate, in float64, is
 * over the pixels outside all defects, good images included; the area up to a limit is divided by it.
 *
 * Every distinct score is a threshold here, so the area is exact. The official code starts from 50 thresholds
 * and adds more until points of the curve are 0.001 apart, so its figures differ from these in later digits.
 * Bergmann et al., "Beyond Dents and Scratches: Logical Constraints in Unsupervised Anomaly Detection and
 * Localization", IJCV 2022.
 */
import { createAreaBelow } from './area-below.ts'
import { ChunkedKeys } from './chunked-keys.ts'
import type { KeyCounts } from './key-counter.ts'
import { KeyCursor } from './key-cursor.ts'
import { keyOfBits, radixSort } from './radix-sort.ts'

/** One defect of an image. */
export interface SaturatedDefect {
  /** `[h, w]`, non-zero where it is. */
  readonly pixels: Uint8Array
  /** From how many found pixels on it counts as found in full. */
  readonly saturation: number
}

export interface DefectAccumulator {
  /** Takes in the defects of one image; `map` is finite. Eight bytes are kept per pixel of each. */
  add(map: Float32Array, defects: readonly SaturatedDefect[]): void
  /** Ends the collection. */
  sort(): SortedDefects
}

/** The pixels of all defects by falling score. */
export interface SortedDefects {
  readonly keys: Uint32Array
  /** The defect of each. */
  readonly defectOf: Uint32Array
  /** Of each defect. */
  readonly saturations: readonly number[]
}

export function createDefectAccumulator(): DefectAccumulator {
  const keys = new ChunkedKeys()
  const defectOf = new ChunkedKeys()
  const saturations: number[] = []
  return {
    add(map, defects) {
      const bits = new Uint32Array(map.buffer, map.byteOffset, map.length)
      for (const { pixels, saturation } of defects) {
        if (pixels.length !== map.length) {
          throw new Error(`internal: a map of ${map.length} pixels has a defect of ${pixels.length}`)
        }
        if (!(saturation > 0)) throw new Error(`internal: a defect saturates at ${saturation} pixels`)
        for (let i = 0; i < pixels.length; i++) {
          if (pixels[i] === 0) continue
          keys.push(keyOfBits(bits[i]!))
          defectOf.push(saturations.length)
        }
        saturations.push(saturation)
      }
    },
    sort() {
      const { keys: sorted, payload } = radixSort(keys.take(), defectOf.take())
      if (payload === undefined) throw new Error('internal: pixels lost their defects')
      return { keys: sorted, defectOf: payload, saturations }
    },
  }
}

/**
 * AU-sPRO in [0, 1] of the defects at each limit in (0, 1], with the pixels outside defects of one or more
 * groups of images; null without a defect or without a pixel outside.
 */
export function auspro(
  { keys, defectOf, saturations }: SortedDefects,
  outside: readonly KeyCounts[],
  limits: readonly number[],
): (number | null)[] {
  const below = createAreaBelow(limits)
  const negatives = outside.reduce((sum, { length }) => sum + length, 0)
  const defects = saturations.length
  if (defects === 0 || negatives === 0) return limits.map(() => null)
  const cursors = outside.map((counts) => new KeyCursor(counts))
  const found = new Uint32Array(defects)
  let fp = 0
  let overlap = 0
  const step = (): void => below.step(fp / negatives, Math.min(1, overlap / defects))
  const passBelow = (key: number): void => {
    for (const cursor of cursors) fp += cursor.passBelow(key)
  }
  // Traverses the defect pixels by rising key; a step before each, for the curve is straight up to there.
  for (let i = 0; i < keys.length;) {
    const key = keys[i]!
    passBelow(key)
    step()
    passBelow(key + 1)
    for (; keys[i] === key; i++) {
      const defect = defectOf[i]!
      const saturation = saturations[defect]!
      const count = found[defect]!++
      overlap += (Math.min(count + 1, saturation) - Math.min(count, saturation)) / saturation
    }
    step()
  }
  passBelow(Infinity)
  step()
  return below.areas()
}
