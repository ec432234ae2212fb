/**
 * Pixels of each image counted in bins of the score, for sets whose pixels do not fit in memory and for
 * resampling images.
 *
 * A bin holds all float32 scores that agree in sign, exponent and the leading bits of the fraction: 1024
 * bins per doubling of the score, wherever the scores lie and without a first pass for the range. An image
 * keeps only the bins it has, so memory follows the spread of its scores and not its size. The curve between
 * bins is exact, for every edge of a bin is a threshold; inside a bin it is drawn straight. `boundAreas`
 * says how far the areas can be off at most; AP and F1-max have no such bound and F1-max can only be lower.
 */
import { labelComponents } from '../region/index.ts'
import type { PixelRanking } from './pixel-ranking.ts'
import { bitsOfKey, keyOfBits } from './radix-sort.ts'

/** The counts of one image, by rising bin, which is falling score. */
export interface ImageHistogram {
  readonly bins: Uint32Array
  /** Pixels outside defects in each bin. */
  readonly outside: Uint32Array
  readonly inside: Uint32Array
  /** For each bin the sum over regions of the share of the region in it. */
  readonly overlap: Float64Array
  readonly regions: number
}

export interface HistogramCounter {
  /** Counts one image; `map` is finite, `mask` as for a `PixelAccumulator`. The result stands on its own. */
  count(map: Float32Array, mask: Uint8Array | null, width: number, height: number): ImageHistogram
}

/** Bits of the key that are left out: 10 of 23 bits of the fraction stay. */
const shift = 13

/** Scratch space for counting one image after the other. */
export function createHistogramCounter(): HistogramCounter {
  const slots = 2 ** (32 - shift)
  const outside = new Uint32Array(slots)
  const inside = new Uint32Array(slots)
  const overlap = new Float64Array(slots)
  return {
    count(map, mask, width, height) {
      const bits = new Uint32Array(map.buffer, map.byteOffset, map.length)
      const components = mask === null ? null : labelComponents(mask, width, height)
      const areas = new Uint32Array((components?.count ?? 0) + 1)
      if (components !== null) for (const label of components.labels) areas[label] = areas[label]! + 1
      let first = slots
      let last = -1
      for (let i = 0; i < bits.length; i++) {
        const bin = keyOfBits(bits[i]!) >>> shift
        if (bin < first) first = bin
        if (bin > last) last = bin
        const label = components === null ? 0 : components.labels[i]!
        if (label === 0) {
          outside[bin] = outside[bin]! + 1
        } else {
          inside[bin] = inside[bin]! + 1
          overlap[bin] = overlap[bin]! + 1 / areas[label]!
        }
      }
      const used: number[] = []
      for (let bin = first; bin <= last; bin++) if (outside[bin] !== 0 || inside[bin] !== 0) used.push(bin)
      const bins = Uint32Array.from(used)
      const image = {
        bins,
        outside: bins.map((bin) => outside[bin]!),
        inside: bins.map((bin) => inside[bin]!),
        overlap: Float64Array.from(bins, (bin) => overlap[bin]!),
        regions: components?.count ?? 0,
      }
      outside.fill(0, first, last + 1)
      inside.fill(0, first, last + 1)
      overlap.fill(0, first, last + 1)
      return image
    },
  }
}

/**
 * Ranks the pixels of all images, each counted as many times as its weight says. The function that comes
 * back may be called with many weights; a ranking is valid until the next call.
 */
export function createHistogramRanker(
  images: readonly ImageHistogram[],
): (weights: ArrayLike<number>) => PixelRanking {
  const all = new Set<number>()
  for (const image of images) for (const bin of image.bins) all.add(bin)
  const bins = Uint32Array.from(all).sort()
  const placeOf = new Map(Array.from(bins, (bin, place) => [bin, place]))
  const places = images.map((image) => image.bins.map((bin) => placeOf.get(bin)!))
  const outside = new Float64Array(bins.length)
  const inside = new Float64Array(bins.length)
  const overlap = new Float64Array(bins.length)
  return (weights) => {
    outside.fill(0)
    inside.fill(0)
    overlap.fill(0)
    let regions = 0
    images.forEach((image, n) => {
      const weight = weights[n]!
      if (weight === 0) return
      const at = places[n]!
      for (let i = 0; i < at.length; i++) {
        const place = at[i]!
        outside[place] = outside[place]! + weight * image.outside[i]!
        inside[place] = inside[place]! + weight * image.inside[i]!
        overlap[place] = overlap[place]! + weight * image.overlap[i]!
      }
      regions += weight * image.regions
    })
    const walk: PixelRanking['walk'] = (visit) => {
      const score = new Float32Array(1)
      const scoreBits = new Uint32Array(score.buffer)
      let tp = 0
      let fp = 0
      let pro = 0
      for (let place = 0; place < bins.length; place++) {
        // Nothing of this bin was drawn.
        if (inside[place] === 0 && outside[place] === 0) continue
        tp += inside[place]!
        fp += outside[place]!
        pro += overlap[place]!
        // The last key of a bin is its lowest score.
        scoreBits[0] = bitsOfKey((((bins[place]! + 1) << shift) - 1) >>> 0)
        visit(tp, fp, score[0]!, pro)
      }
    }
    return {
      positives: inside.reduce((sum, count) => sum + count, 0),
      negatives: outside.reduce((sum, count) => sum + count, 0),
      regions,
      walk,
      walkEvery: walk,
    }
  }
}

/** How far AUROC and AU-PRO up to `limit` of a histogram can be from the exact values. */
export function boundAreas(
  ranking: PixelRanking,
  limit: number,
): { readonly auroc: number; readonly aupro: number } {
  const { positives, negatives, regions } = ranking
  let auroc = 0
  let aupro = 0
  let tpBefore = 0
  let fpBefore = 0
  let overlapBefore = 0
  ranking.walk((tp, fp, _score, overlap) => {
    const fpr = (fp - fpBefore) / negatives
    auroc += (0.5 * fpr * (tp - tpBefore)) / positives
    // The curve rises between its ends, so a bin is off by half of its box, or by all of it where the limit cuts.
    const share = fp / negatives <= limit ? 0.5 : fpBefore / negatives < limit ? 1 : 0
    aupro += (share * fpr * (overlap - overlapBefore)) / regions / limit
    tpBefore = tp
    fpBefore = fp
    overlapBefore = overlap
  })
  return { auroc, aupro: Math.min(1, aupro) }
}
