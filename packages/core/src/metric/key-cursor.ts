/** Goes through counted keys from the smallest, which is the highest score, to the largest. */
import type { KeyCounts } from './key-counter.ts'

const lowCount = 1 << 16

export class KeyCursor {
  readonly #buckets: KeyCounts['buckets']
  #bucket = 0
  /** In the list of the bucket, or the lower half in its table. */
  #place = 0
  #last = -1

  constructor({ buckets }: KeyCounts) {
    this.#buckets = buckets
  }

  /** The largest key that was passed; -1 at first. */
  get last(): number {
    return this.#last
  }

  /** The smallest key that was not passed; Infinity at the end. */
  get next(): number {
    for (; this.#bucket < this.#buckets.length; this.#bucket++, this.#place = 0) {
      const { high, table, lows } = this.#buckets[this.#bucket]!
      if (table === null) {
        if (this.#place < lows.length) return high * lowCount + lows[this.#place]!
        continue
      }
      while (this.#place < lowCount && table[this.#place] === 0) this.#place++
      if (this.#place < lowCount) return high * lowCount + this.#place
    }
    return Infinity
  }

  /** Passes all keys below `key` and returns how many they are. */
  passBelow(key: number): number {
    let passed = 0
    for (; this.#bucket < this.#buckets.length; this.#bucket++, this.#place = 0) {
      const { high, table, lows } = this.#buckets[this.#bucket]!
      const first = high * lowCount
      if (key <= first) break
      const end = Math.min(lowCount, key - first)
      if (table === null) {
        const place = findFrom(lows, this.#place, end)
        if (place > this.#place) this.#last = first + lows[place - 1]!
        passed += place - this.#place
        this.#place = place
      } else {
        let low = this.#place
        for (; low < end; low++) {
          if (table[low] === 0) continue
          passed += table[low]!
          this.#last = first + low
        }
        this.#place = low
      }
      if (end < lowCount) break
    }
    return passed
  }
}

/** The first place at or after `start` whose value is not below `end`: steps that double, then halves. */
function findFrom(lows: Uint16Array, start: number, end: number): number {
  let low = start
  let step = 1
  while (low + step <= lows.length && lows[low + step - 1]! < end) {
    low += step
    step *= 2
  }
  let high = Math.min(lows.length, low + step)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (lows[middle]! < end) low = middle + 1
    else high = middle
  }
  return low
}
