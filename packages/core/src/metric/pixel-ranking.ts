/**
 * Ranks the pixels of a product for the metrics to walk over.
 *
 * Between two scores of defect pixels nothing changes but the number of pixels outside, so those are found by
 * searching and not visited one by one; metrics come out as over all scores.
 */
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
  readonly outside: Uint32Array
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
  const fps = parts.map(() => 0)
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
    for (let p = 0; p < parts.length; p++) {
      const { outside } = parts[p]!
      const place = findFrom(outside, fps[p]!, key)
      if (place === fps[p]) continue
      fp += place - fps[p]!
      fps[p] = place
      lowest = Math.max(lowest, outside[place - 1]!)
    }
    if (lowest >= 0) visit(tp, fp, scoreOf(lowest), overlap)
    if (key === Infinity) return
    for (let p = 0; p < parts.length; p++) {
      const { outside, inside, regionOf, share } = parts[p]!
      let i = fps[p]!
      while (outside[i] === key) i++
      fp += i - fps[p]!
      fps[p] = i
      i = tps[p]!
      while (inside[i] === key) overlap += share[regionOf[i++]!]!
      tp += i - tps[p]!
      tps[p] = i
    }
    visit(tp, fp, scoreOf(key), overlap)
  }
}

/** The first place at or after `start` whose key is not below `key`: steps that double, then halves. */
function findFrom(keys: Uint32Array, start: number, key: number): number {
  let low = start
  let step = 1
  while (low + step <= keys.length && keys[low + step - 1]! < key) {
    low += step
    step *= 2
  }
  let high = Math.min(keys.length, low + step)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Traverses all lists side by side: the smallest of all heads, then what is equal to it. */
function walkEvery(parts: readonly SortedPixels[], visit: PixelVisit): void {
  const scoreOf = createKeyReader()
  const fps = parts.map(() => 0)
  const tps = parts.map(() => 0)
  let overlap = 0
  let fp = 0
  let tp = 0
  for (;;) {
    let key = Infinity
    for (let p = 0; p < parts.length; p++) {
      const { outside, inside } = parts[p]!
      if (outside[fps[p]!]! < key) key = outside[fps[p]!]!
      if (inside[tps[p]!]! < key) key = inside[tps[p]!]!
    }
    if (key === Infinity) return
    for (let p = 0; p < parts.length; p++) {
      const { outside, inside, regionOf, share } = parts[p]!
      for (; outside[fps[p]!] === key; fps[p]!++) fp++
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
