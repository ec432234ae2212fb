/**
 * Ranks the pixels of a product for the metrics to walk over.
 *
 * Between two scores of defect pixels nothing changes but the number of pixels outside, so those are found by
 * searching and not visited one by one; metrics come out as over all scores.
 */
import type { KeyCounts } from './key-counter.ts'
import { KeyCursor } from './key-cursor.ts'
import { bitsOfKey } from './radix-sort.ts'
import type { Ranking } from './ranking.ts'

export interface PixelRanking extends Ranking {
  /** 8-connected regions of all masks together. */
  readonly regions: number
  /**
   * As for any ranking; `overlap` is the sum over all regions of the share of the region that scores at
   * least as high, so overlap / regions is PRO.
   */
  walk(visit: PixelVisit): void
  /** The same at every distinct score. */
  walkEvery(visit: PixelVisit): void
}

type PixelVisit = (truePositives: number, falsePositives: number, score: number, overlap: number) => void

/** All pixels of some images as sorted keys: rising keys are falling scores. */
export interface SortedPixels {
  /** Keys of the pixels outside defects. */
  readonly outside: KeyCounts
  /** Keys of the defect pixels. */
  readonly inside: Uint32Array
  /** The region of each defect pixel. */
  readonly regionOf: Uint32Array
  /** One over the number of pixels, for each region. */
  readonly share: Float64Array
}

/** One ranking over the pixels of one or more groups of images, which are not copied. */
export function rankTogether(parts: readonly SortedPixels[]): PixelRanking {
  const sum = (count: (part: SortedPixels) => number): number =>
    parts.reduce((total, part) => total + count(part), 0)
  return {
    positives: sum((part) => part.inside.length),
    negatives: sum((part) => part.outside.length),
    regions: sum((part) => part.share.length),
    walk: (visit) => walkCorners(parts, visit),
    walkEvery: (visit) => walkEvery(parts, visit),
  }
}

/** Traverses the defect pixels by rising key; at each, the pixels outside that come before it. */
function walkCorners(parts: readonly SortedPixels[], visit: PixelVisit): void {
  const scoreOf = createKeyReader()
  const outside = parts.map((part) => new KeyCursor(part.outside))
  const tps = parts.map(() => 0)
  let overlap = 0
  let fp = 0
  let tp = 0
  for (;;) {
    let key = Infinity
    for (let p = 0; p < parts.length; p++) {
      // Past the end of a list the key is undefined, and no comparison with it holds.
      const head = parts[p]!.inside[tps[p]!]!
      if (head < key) key = head
    }
    let lowest = -1
    for (const cursor of outside) {
      const passed = cursor.passBelow(key)
      if (passed > 0) lowest = Math.max(lowest, cursor.last)
      fp += passed
    }
    if (lowest >= 0) visit(tp, fp, scoreOf(lowest), overlap)
    if (key === Infinity) return
    for (const cursor of outside) fp += cursor.passBelow(key + 1)
    for (let p = 0; p < parts.length; p++) {
      const { inside, regionOf, share } = parts[p]!
      let i = tps[p]!
      while (inside[i] === key) overlap += share[regionOf[i++]!]!
      tp += i - tps[p]!
      tps[p] = i
    }
    visit(tp, fp, scoreOf(key), overlap)
  }
}

/** Traverses all lists side by side: the smallest of all heads, then what is equal to it. */
function walkEvery(parts: readonly SortedPixels[], visit: PixelVisit): void {
  const scoreOf = createKeyReader()
  const outside = parts.map((part) => new KeyCursor(part.outside))
  const tps = parts.map(() => 0)
  let overlap = 0
  let fp = 0
  let tp = 0
  for (;;) {
    let key = Infinity
    for (let p = 0; p < parts.length; p++) {
      const head = parts[p]!.inside[tps[p]!]!
      if (head < key) key = head
      key = Math.min(key, outside[p]!.next)
    }
    if (key === Infinity) return
    for (const cursor of outside) fp += cursor.passBelow(key + 1)
    for (let p = 0; p < parts.length; p++) {
      const { inside, regionOf, share } = parts[p]!
      for (; inside[tps[p]!] === key; tp++) overlap += share[regionOf[tps[p]!++]!]!
    }
    visit(tp, fp, scoreOf(key), overlap)
  }
}

function createKeyReader(): (key: number) => number {
  const bits = new Uint32Array(1)
  const score = new Float32Array(bits.buffer)
  return (key) => {
    bits[0] = bitsOfKey(key)
    return score[0]!
  }
}
