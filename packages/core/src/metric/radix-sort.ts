/**
 * Sorts 32-bit keys, alone or with a payload, in three passes of 11 bits.
 *
 * Scores become keys by `keyOfBits`, whose order is that of falling floats, so pixels are ranked exactly
 * and without a comparison function. Needs as much scratch memory as it is given.
 */

/**
 * The key of a float32 given as its bits: higher floats have smaller keys, and -0 the key of +0. NaN has
 * no place in the order and must not come here.
 */
export function keyOfBits(bits: number): number {
  if (bits === 0x80000000) return 0x7fffffff
  return bits >= 0x80000000 ? bits : 0x7fffffff - bits
}

/** The bits of the float32 that has this key. */
export function bitsOfKey(key: number): number {
  return key >= 0x80000000 ? key : 0x7fffffff - key
}

export interface Sorted {
  readonly keys: Uint32Array
  readonly payload: Uint32Array | undefined
}

/** Sorts fewer than 2^32 keys, rising; both arrays given are used as scratch and hold no meaning afterwards. */
export function radixSort(keys: Uint32Array, payload?: Uint32Array): Sorted {
  const counts = countDigits(keys)
  let from: Sorted = { keys, payload }
  let to: Sorted | undefined
  for (let pass = 0; pass < passes; pass++) {
    const starts = counts.subarray(pass * digits, (pass + 1) * digits)
    if (startsFromCounts(starts, keys.length)) continue
    to ??= { keys: new Uint32Array(keys.length), payload: payload && new Uint32Array(keys.length) }
    scatter(from, to, starts, pass * bitsPerPass)
    const sorted: Sorted = to
    to = from
    from = sorted
  }
  return from
}

const bitsPerPass = 11
const digits = 1 << bitsPerPass
const passes = 3

function countDigits(keys: Uint32Array): Uint32Array {
  const counts = new Uint32Array(passes * digits)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const low = key & (digits - 1)
    const middle = digits + ((key >>> bitsPerPass) & (digits - 1))
    const high = 2 * digits + (key >>> (2 * bitsPerPass))
    counts[low] = counts[low]! + 1
    counts[middle] = counts[middle]! + 1
    counts[high] = counts[high]! + 1
  }
  return counts
}

/** Turns counts into first places; true if all keys share one digit, so that the pass changes nothing. */
function startsFromCounts(counts: Uint32Array, length: number): boolean {
  let start = 0
  for (let digit = 0; digit < digits; digit++) {
    const count = counts[digit]!
    if (count === length) return true
    counts[digit] = start
    start += count
  }
  return false
}

function scatter(from: Sorted, to: Sorted, starts: Uint32Array, shift: number): void {
  const { keys, payload } = from
  const toKeys = to.keys
  const toPayload = to.payload
  if (payload === undefined || toPayload === undefined) {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const digit = (key >>> shift) & (digits - 1)
      const place = starts[digit]!
      starts[digit] = place + 1
      toKeys[place] = key
    }
    return
  }
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const digit = (key >>> shift) & (digits - 1)
    const place = starts[digit]!
    starts[digit] = place + 1
    toKeys[place] = key
    toPayload[place] = payload[i]!
  }
}
