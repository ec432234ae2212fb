/** The score of a zone: the mean of the strangest share of its pixels. */
import type { ZonePlane } from './plane.ts'

export interface ZoneScore {
  readonly score: number
  /** Largest value of the map in the zone. */
  readonly peak: number
}

/**
 * Score of each label in use, by label; undefined for the others. At least one pixel counts, so a `topShare` of 0
 * gives the largest value. Values are finite.
 */
export function scoreZones(
  map: Float32Array,
  plane: ZonePlane,
  topShare: number,
): readonly (ZoneScore | undefined)[] {
  const counts = new Uint32Array(256)
  for (const label of plane) counts[label]!++
  const scores: (ZoneScore | undefined)[] = []
  for (let label = 1; label < 256; label++) {
    const count = counts[label]!
    if (count === 0) continue
    const values = new Float32Array(count)
    for (let i = 0, at = 0; i < plane.length; i++) if (plane[i] === label) values[at++] = map[i]!
    let peak = -Infinity
    for (const v of values) if (v > peak) peak = v
    scores[label] = { score: meanOfLargest(values, Math.max(1, Math.floor(count * topShare))), peak }
  }
  return scores
}

/**
 * Mean of the `top` largest values. Their smallest is found by counting the upper and then the lower half of the
 * bits, in an order that sorts like the numbers, which is faster than sorting the pixels of a large picture.
 */
function meanOfLargest(values: Float32Array, top: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const keys = bits.map((b) => (b & 0x80000000 ? ~b : b | 0x80000000))
  const upper = pickBin(keys, top, (key) => key >>> 16)
  const lower = pickBin(keys, upper.left, (key) => (key >>> 16 === upper.bin ? key & 0xffff : -1))
  const limit = ((upper.bin << 16) | lower.bin) >>> 0
  let sum = 0
  let above = 0
  let atLimit = 0
  for (let i = 0; i < values.length; i++) {
    if (keys[i]! > limit) {
      sum += values[i]!
      above++
    } else if (keys[i] === limit) atLimit = values[i]!
  }
  return (sum + (top - above) * atLimit) / top
}

/** The bin in which the `top`-th largest lies, and its place among those of the bin; keys below 0 are passed over. */
function pickBin(
  keys: Uint32Array,
  top: number,
  binOf: (key: number) => number,
): { readonly bin: number; readonly left: number } {
  const counts = new Uint32Array(0x10000)
  for (const key of keys) {
    const bin = binOf(key)
    if (bin >= 0) counts[bin]!++
  }
  let left = top
  let bin = 0xffff
  while (bin > 0 && counts[bin]! < left) left -= counts[bin--]!
  return { bin, left }
}
