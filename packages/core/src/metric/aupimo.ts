/**
 * AUPIMO: how much of the defect in each image is found at false positive rates so low that good images
 * stay clean. Bertoldo et al., "AUPIMO: Redefining Visual Anomaly Detection Benchmarks with High Speed and
 * Low Tolerance", BMVC 2024.
 *
 * The shared false positive rate at a threshold is the mean over good images of the share of their pixels
 * that score at least as high; defect images do not take part in it. For each defect image its recall is
 * integrated over the logarithm of that rate from 1e-5 to 1e-4 and divided by log(10); the value of a
 * product is the mean over its defect images. Recall counts pixels, so there is no connectivity. Thresholds
 * are 300,000 equal float32 steps between the extremes of the good images, the bounds are the steps whose
 * rate is nearest to them (the lower threshold of several), all as in anomalib 2.7; ties need no care.
 *
 * Streams: of a good image only those top scores are kept that can count below twice the upper bound, which
 * needs the number of good images beforehand, and of a defect image the scores of its defect pixels. The
 * result is the same as with all pixels kept.
 */
import { keyOfBits, bitsOfKey, radixSort } from './radix-sort.ts'

export interface AupimoOptions {
  /** At least the number of good images that will be added. */
  readonly goodImages: number
  /** False positive rates between which recall is averaged. */
  readonly bounds?: readonly [lower: number, upper: number]
  readonly thresholds?: number
}

export interface Aupimo {
  /** Mean over defect images, in [0, 1]. */
  readonly value: number
  /** One value per defect image, in the order they were added. */
  readonly images: readonly number[]
  /** Thresholds between the bounds; below 300 anomalib warns that the integral may be coarse. */
  readonly points: number
}

export interface AupimoAccumulator {
  /** Takes in one image; `mask` null, or without any pixel, is a good image. Scores are finite. */
  add(map: Float32Array, mask: Uint8Array | null): void
  /** The result, or why these images cannot give one. */
  evaluate(): Aupimo | { readonly why: string }
}

export function createAupimo(options: AupimoOptions): AupimoAccumulator {
  const { goodImages, bounds = [1e-5, 1e-4], thresholds = 300_000 } = options
  const [lower, upper] = bounds
  if (!(lower > 0 && lower < upper && upper <= 1)) {
    throw new Error(`internal: AUPIMO bounds of ${lower} and ${upper}`)
  }
  const good: GoodImage[] = []
  const defects: Float32Array[] = []
  let lowest = Infinity
  let highest = -Infinity
  return {
    add(map, mask) {
      const inside = mask === null ? null : map.filter((_, i) => mask[i] !== 0)
      if (inside !== null && inside.length > 0) {
        defects.push(inside.sort().reverse())
        return
      }
      if (good.length === goodImages) throw new Error(`internal: more than ${goodImages} good images`)
      for (let i = 0; i < map.length; i++) {
        if (map[i]! < lowest) lowest = map[i]!
        if (map[i]! > highest) highest = map[i]!
      }
      // The nearest rate to `upper` is never above twice of it, and N images share a rate by N-ths.
      const kept = Math.min(map.length, Math.ceil(2 * upper * goodImages * map.length) + 1)
      good.push({ size: map.length, top: topScores(map, kept) })
    },
    evaluate() {
      if (good.length === 0) return { why: 'there are no good test images' }
      if (defects.length === 0) return { why: 'no mask marks a defect pixel' }
      const at = spaceThresholds(lowest, highest, thresholds)
      const rates = shareRates(good, at, thresholds, 2 * upper)
      const first = rates.nearest(upper)
      const last = rates.nearest(lower)
      const points = last - first + 1
      if (rates.of(thresholds - 1) > lower || points <= 30) {
        return { why: 'the good test images have too few pixels, or too few scores, for rates below 0.0001' }
      }
      const images = defects.map((scores) => {
        let found = 0
        let recallBefore = 0
        let rateBefore = NaN
        let area = 0
        // From the highest threshold down: rates and recalls rise.
        for (let k = last; k >= first; k--) {
          const threshold = at(k)
          while (found < scores.length && scores[found]! >= threshold) found++
          const rate = Math.log(rates.of(k))
          const recall = found / scores.length
          if (k !== last) area += 0.5 * (recall + recallBefore) * (rate - rateBefore)
          recallBefore = recall
          rateBefore = rate
        }
        return Math.min(1, area / Math.log(upper / lower))
      })
      return { value: images.reduce((sum, value) => sum + value, 0) / images.length, images, points }
    },
  }
}

interface GoodImage {
  readonly size: number
  /** Its highest scores, falling. */
  readonly top: Float32Array
}

function topScores(map: Float32Array, count: number): Float32Array {
  const bits = new Uint32Array(map.buffer, map.byteOffset, map.length)
  const { keys } = radixSort(bits.map(keyOfBits))
  return new Float32Array(keys.subarray(0, count).map(bitsOfKey).buffer)
}

/** The k-th of `count` float32 steps from `low` to `high`, counted from the nearer end as torch.linspace does. */
function spaceThresholds(low: number, high: number, count: number): (k: number) => number {
  const step = Math.fround(Math.fround(high - low) / (count - 1))
  return (k) => Math.fround(k < Math.floor(count / 2) ? low + step * k : high - step * (count - 1 - k))
}

interface Rates {
  of(k: number): number
  /** The lowest threshold whose rate is nearest. */
  nearest(rate: number): number
}

/** The shared rate at each threshold; where it is above `enough` only that it is. */
function shareRates(
  good: readonly GoodImage[],
  at: (k: number) => number,
  thresholds: number,
  enough: number,
): Rates {
  const rates = new Float64Array(thresholds).fill(Infinity)
  const found = good.map(() => 0)
  for (let k = thresholds - 1; k >= 0; k--) {
    const threshold = at(k)
    let sum = 0
    for (let i = 0; i < good.length; i++) {
      const { size, top } = good[i]!
      let count = found[i]!
      while (count < top.length && top[count]! >= threshold) count++
      found[i] = count
      sum += count / size
    }
    rates[k] = sum / good.length
    if (rates[k]! > enough) break
  }
  return {
    of: (k) => rates[k]!,
    nearest(rate) {
      let best = thresholds - 1
      for (let k = thresholds - 1; k >= 0; k--) {
        if (Math.abs(rates[k]! - rate) <= Math.abs(rates[best]! - rate)) best = k
      }
      return best
    },
  }
}
