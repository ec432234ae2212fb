/**
 * `inp-former-adeval`: the pixel metrics that INP-Former reports, by the package adeval 1.1.0 with 200 strips.
 *
 * Scores are counted in 200 equal bins between the extremes of the maps, and the curves are drawn through the
 * 201 edges. AUROC is then close to exact. "AP" is the trapezoid under the precision-recall curve, with
 * precision 1 where nothing is found; it is not average precision. AU-PRO weighs 8-connected regions alike
 * and ends at a false positive rate of 0.3 inside a trapezoid, divided by 0.3. Pixels that have the highest
 * score are counted twice, once in the last bin and once above it, as the class for CUDA does. Bins are those
 * of torch.histc on CUDA, in float32. Streams once the extremes are known: only the counts are kept.
 */
import { labelComponents } from '../../region/index.ts'
import { trapezoids } from './sampled-pro.ts'

export interface AdevalMetrics {
  readonly pixelAuroc: number
  /** Trapezoid under precision over recall. */
  readonly pixelAupr: number
  /** Null where the published code gives none: no region is found, or the highest score alone passes 0.3. */
  readonly aupro: number | null
}

export interface AdevalAccumulator {
  /** Takes in one image, `[h, w]`; non-zero mask values are defect; null is a good image. */
  add(map: Float32Array, mask: Uint8Array | null, width: number, height: number): void
  /** Null without a defect pixel, or without a pixel outside. */
  evaluate(): AdevalMetrics | null
}

const strips = 200

/** An accumulator for maps whose scores lie between `lowest` and `highest`, which must differ. */
export function createAdeval(lowest: number, highest: number): AdevalAccumulator {
  if (!(lowest < highest)) throw new Error(`internal: scores from ${lowest} to ${highest} have no strips`)
  const range = Math.fround(highest - lowest)
  // The last place is for pixels at the highest score, which are in the last bin too.
  const inside = new Float64Array(strips + 1)
  const outside = new Float64Array(strips + 1)
  const overlap = new Float64Array(strips + 1)
  return {
    add(map, mask, width, height) {
      const components = mask === null ? null : labelComponents(mask, width, height)
      const areas = new Uint32Array((components?.count ?? 0) + 1)
      if (components !== null) for (const label of components.labels) areas[label] = areas[label]! + 1
      for (let i = 0; i < map.length; i++) {
        const label = components === null ? 0 : components.labels[i]!
        const score = map[i]!
        const raised = Math.fround(Math.fround(score - lowest) * strips)
        const bin = Math.min(strips - 1, Math.trunc(Math.fround(raised / range)))
        const count = (place: number): void => {
          if (label === 0) {
            outside[place] = outside[place]! + 1
          } else {
            inside[place] = inside[place]! + 1
            overlap[place] = overlap[place]! + Math.fround(1 / areas[label]!)
          }
        }
        count(bin)
        if (score >= highest) count(strips)
      }
    },
    evaluate() {
      const tp = countAbove(inside)
      const fp = countAbove(outside)
      const pro = countAbove(overlap)
      const positives = tp.at(-1)!
      const negatives = fp.at(-1)!
      if (positives === 0 || negatives === 0) return null
      const recall = tp.map((count) => count / positives)
      const fpr = fp.map((count) => count / negatives)
      return {
        pixelAuroc: trapezoids(fpr, recall),
        pixelAupr: trapezoids(
          recall,
          tp.map((count, i) => (count + fp[i]! > 0 ? count / (count + fp[i]!) : 1)),
        ),
        aupro: areaTo30(
          fpr,
          pro.map((sum) => sum / pro.at(-1)!),
        ),
      }
    },
  }
}

/** Sums from the top: at each edge what lies above it, highest edge first. */
function countAbove(bins: Float64Array): number[] {
  let sum = 0
  return Array.from(bins.toReversed(), (count) => (sum += count))
}

function areaTo30(fpr: readonly number[], pro: readonly number[]): number | null {
  const limit = 0.3
  const end = fpr.findIndex((rate) => rate > limit)
  const last = end - 1
  if (last < 0 || pro[end] === 0) return null
  const whole = trapezoids(fpr.slice(0, end), pro.slice(0, end))
  const [y1, y2] = [pro[last]!, pro[end]!]
  const part = (limit - fpr[last]!) / (fpr[end]! - fpr[last]!)
  const area = 0.5 * (fpr[end]! - fpr[last]!) * (y1 + y2)
  const rectangle = y1 / (y1 + 0.5 * (y2 - y1))
  return (whole + area * (rectangle * part + (1 - rectangle) * part * part)) / limit
}
