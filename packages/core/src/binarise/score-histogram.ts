/**
 * Quantiles of any number of scores in one pass and a fixed 16 MB.
 *
 * A bin holds the float32 values that agree in sign, exponent and the first 12 bits of the fraction, so
 * no range has to be known before. The answer is the upper edge of its bin: never below the exact
 * quantile, and above it by less than 2^-12 of its size.
 */

export interface ScoreHistogram {
  add(values: Float32Array): void
  /** The smallest edge with at least the share `quantile` (0 to 1) of the scores at or below it. */
  quantile(quantile: number): number
}

const droppedBits = 11

export function createScoreHistogram(): ScoreHistogram {
  const counts = new Float64Array(2 ** (32 - droppedBits))
  let total = 0
  let largest = -Infinity
  return {
    add: (values) => {
      const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
      for (let i = 0; i < values.length; i++) {
        const bin = risingKey(bits[i]!) >>> droppedBits
        counts[bin] = counts[bin]! + 1
        if (values[i]! > largest) largest = values[i]!
      }
      total += values.length
    },
    quantile: (quantile) => {
      if (total === 0) throw new Error('internal: no scores to take a quantile of')
      const needed = quantile * total
      let below = 0
      for (let bin = 0; bin < counts.length; bin++) {
        below += counts[bin]!
        if (below > 0 && below >= needed) return Math.min(upperEdge(bin), largest)
      }
      return largest
    },
  }
}

/** Unsigned keys in the order of the floats with these bits. */
function risingKey(bits: number): number {
  return (bits >= 0x80000000 ? ~bits : bits | 0x80000000) >>> 0
}

function upperEdge(bin: number): number {
  const key = bin * 2 ** droppedBits + 2 ** droppedBits - 1
  const bits = key >= 0x80000000 ? key - 0x80000000 : ~key >>> 0
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!
}
