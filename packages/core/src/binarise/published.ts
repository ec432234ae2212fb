/** What the published binarisers of RoBiS share. */

/** Side of the square with which masks are eroded. */
export const publishedErosion = 6

/**
 * Refuses values that are no float16: thresholds would differ from the published ones in silence.
 * Values below the normal range of float16, 2^-14, are not looked at.
 */
export function requireFloat16(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  let seen = 0
  for (let i = 0; i < bits.length; i++) seen |= bits[i]!
  if ((seen & lostBits) === 0) return
  for (const [i, value] of values.entries())
    if ((bits[i]! & lostBits) !== 0 && Math.abs(value) >= 2 ** -14)
      throw new Error(`internal: a published binariser needs float16 values, not ${value}`)
}

/** Bits of the fraction of a float32 that float16 has no room for. */
const lostBits = 0x1fff
