/**
 * Counts how often each 32-bit sort key occurs: exactly, in at most two bytes per key, and sorted as it goes.
 *
 * Keys with the same upper half share a bucket, which lists their lower halves, two bytes each. A list that is
 * as long as a table of all lower halves becomes that table, and then takes up any number of keys more. Keys wait
 * in short slots until a slot is full, so that tables far apart are not touched by turns. A slot takes 4 KB for
 * every bucket, of which scores between two powers of two have 128.
 */
import { keyOfBits } from './radix-sort.ts'

/** Keys in rising order with how often each occurs. */
export interface KeyCounts {
  readonly length: number
  /** By rising `high`. */
  readonly buckets: readonly KeyBucket[]
}

/** The keys that share an upper half. Either there is a table of all lower halves, or a sorted list of them. */
interface KeyBucket {
  readonly high: number
  readonly table: Uint32Array | null
  readonly lows: Uint16Array
}

const lowCount = 1 << 16
/** A table takes as many bytes as a list of this many. */
const longestList = 2 * lowCount
/** Keys that wait for being counted together in a table, for the table is large and seldom at hand. */
const longestWait = 1 << 15
const slotLength = 1 << 11

export class KeyCounter {
  /** For each upper half the place in `#slots` where its next key goes; 0 if it has none yet. */
  readonly #places = new Uint32Array(lowCount)
  /** The first slot is left out, for place 0 means none. */
  #slots = new Uint16Array(0)
  #slotsUsed = 1
  readonly #buckets = new Map<number, Bucket>()
  #length = 0

  /** Counts the key of every float32 given as bits. */
  countAll(bits: Uint32Array): void {
    const places = this.#places
    let slots = this.#slots
    for (let i = 0; i < bits.length; i++) {
      const key = keyOfBits(bits[i]!)
      const high = key >>> 16
      let place = places[high]!
      if (place === 0) {
        place = this.#openSlot(high)
        slots = this.#slots
      }
      slots[place++] = key & (lowCount - 1)
      if (place % slotLength === 0) {
        place -= slotLength
        this.#empty(high, place, place + slotLength)
      }
      places[high] = place
    }
    this.#length += bits.length
  }

  /** Ends the counting. */
  finish(): KeyCounts {
    const scratch = new Uint16Array(longestList)
    const buckets: KeyBucket[] = []
    for (const high of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      const place = this.#places[high]!
      this.#empty(high, place - (place % slotLength), place)
      const bucket = this.#buckets.get(high)!
      if (bucket.table !== null) countLists(bucket)
      // Each list is let go of once it is sorted.
      this.#buckets.delete(high)
      buckets.push({ high, table: bucket.table, lows: sortLows(bucket, scratch) })
    }
    this.#slots = new Uint16Array(0)
    return { length: this.#length, buckets }
  }

  #openSlot(high: number): number {
    const place = this.#slotsUsed++ * slotLength
    if (place >= this.#slots.length) {
      const larger = new Uint16Array(Math.max(64 * slotLength, 2 * this.#slots.length))
      larger.set(this.#slots)
      this.#slots = larger
    }
    this.#buckets.set(high, { table: null, lists: [], listed: 0 })
    return place
  }

  /** Moves the keys in a slot to their bucket. */
  #empty(high: number, start: number, end: number): void {
    const bucket = this.#buckets.get(high)
    if (bucket === undefined) throw new Error('internal: a slot has no bucket')
    bucket.lists.push(this.#slots.slice(start, end))
    bucket.listed += end - start
    if (bucket.listed >= (bucket.table === null ? longestList : longestWait)) countLists(bucket)
  }
}

interface Bucket {
  table: Uint32Array | null
  lists: Uint16Array[]
  /** Keys in the lists. */
  listed: number
}

/** Moves the keys of a bucket from its lists to its table. */
function countLists(bucket: Bucket): void {
  const table = (bucket.table ??= new Uint32Array(lowCount))
  for (const list of bucket.lists) {
    for (let i = 0; i < list.length; i++) table[list[i]!] = table[list[i]!]! + 1
  }
  bucket.lists = []
  bucket.listed = 0
}

/** The lists of a bucket as one sorted list, in two passes of a byte each. */
function sortLows({ lists, listed }: Bucket, scratch: Uint16Array): Uint16Array {
  const lows = new Uint16Array(listed)
  const byLow = new Uint32Array(256)
  const byHigh = new Uint32Array(256)
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      byLow[list[i]! & 255] = byLow[list[i]! & 255]! + 1
      byHigh[list[i]! >>> 8] = byHigh[list[i]! >>> 8]! + 1
    }
  }
  turnIntoStarts(byLow)
  turnIntoStarts(byHigh)
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const place = byLow[list[i]! & 255]!
      byLow[list[i]! & 255] = place + 1
      scratch[place] = list[i]!
    }
  }
  for (let i = 0; i < lows.length; i++) {
    const place = byHigh[scratch[i]! >>> 8]!
    byHigh[scratch[i]! >>> 8] = place + 1
    lows[place] = scratch[i]!
  }
  return lows
}

function turnIntoStarts(counts: Uint32Array): void {
  let start = 0
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit]!
    counts[digit] = start
    start += count
  }
}
