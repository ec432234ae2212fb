/**
 * `cras-aupro`: what CRAS reports as pixel PRO (arXiv 2505.17551, metrics.py). Never to be compared with
 * AU-PRO: it reads far higher.
 *
 * Differs from AU-PRO: 200 thresholds and `>`; for the overlap, and only there, predictions are dilated by
 * 5 x 5; of the curve only points below a false positive rate of 0.3 are used and those are stretched to
 * [0, 1] (minus the smallest, divided by the range plus 1e-10), without a point at the limit. Masks are grey
 * at their edges, for they were resized like pictures: only pixels of exactly 255 are regions, all others can
 * be false alarms, and the rate is their number over the sum of (1 - mask).
 */
import { createPixelAccumulator } from '../pixel.ts'
import { samplePro, spaceThresholds, trapezoids } from './sampled-pro.ts'

export interface CrasAuproAccumulator {
  /** Takes in one image, `[h, w]`; `mask` as resized, 0 to 255; null is a good image. */
  add(map: Float32Array, mask: Uint8Array | null, width: number, height: number, name?: string): void
  /** The area in [0, 1]; 0 where it cannot be computed, as published. */
  evaluate(): number
}

export function createCrasAupro(): CrasAuproAccumulator {
  const pixels = createPixelAccumulator()
  let lowest = Infinity
  let highest = -Infinity
  /** Sum of 255 - mask. */
  let outside = 0
  return {
    add(map, mask, width, height, name) {
      for (let i = 0; i < map.length; i++) {
        if (map[i]! < lowest) lowest = map[i]!
        if (map[i]! > highest) highest = map[i]!
        outside += 255 - (mask?.[i] ?? 0)
      }
      if (mask === null) {
        pixels.add(map, null, width, height, name)
        return
      }
      // A pixel is in the dilated prediction when the highest score around it is above the threshold.
      const dilated = dilate(map, width, height)
      const regions = mask.map((value) => (value === 255 ? 255 : 0))
      pixels.add(
        map.map((score, i) => (regions[i] === 255 ? dilated[i]! : score)),
        regions,
        width,
        height,
        name,
      )
    },
    evaluate() {
      const ranking = pixels.rank()
      if (ranking.regions === 0 || outside === 0) return 0
      const points = samplePro(ranking, spaceThresholds(lowest, highest, highest))
      const inside = points
        .map(({ falsePositives, pro }) => ({ fpr: falsePositives / (outside / 255), pro }))
        .filter(({ fpr }) => fpr < 0.3)
      if (inside.length < 2) return 0
      const first = inside[0]!.fpr
      const range = inside.at(-1)!.fpr - first + 1e-10
      return trapezoids(
        inside.map(({ fpr }) => (fpr - first) / range),
        inside.map(({ pro }) => pro),
      )
    },
  }
}

/** The highest score within two pixels; nothing lies outside the map. */
function dilate(map: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(map.length)
  const all = new Float32Array(map.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let highest = -Infinity
      for (let k = Math.max(0, x - 2); k <= Math.min(width - 1, x + 2); k++) {
        if (map[y * width + k]! > highest) highest = map[y * width + k]!
      }
      rows[y * width + x] = highest
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let highest = -Infinity
      for (let k = Math.max(0, y - 2); k <= Math.min(height - 1, y + 2); k++) {
        if (rows[k * width + x]! > highest) highest = rows[k * width + x]!
      }
      all[y * width + x] = highest
    }
  }
  return all
}
