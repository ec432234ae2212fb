/**
 * Bootstrap intervals of an evaluation: image AUROC and AP from the scores, pixel AUROC and AU-PRO from
 * histograms of the images.
 *
 * Drawing images anew changes every count, so a draw costs one pass over the bins of all images: about a
 * thousand times the pass over a histogram, and far less than sorting the pixels again. The binning moves an
 * end by no more than `boundAreas` tells, usually below 0.0001.
 */
import { aupro } from './aupro.ts'
import { auroc } from './auroc.ts'
import { averagePrecision } from './average-precision.ts'
import { bootstrap, type BootstrapOptions, type Interval } from './bootstrap.ts'
import { createHistogramRanker, type ImageHistogram } from './histogram.ts'
import type { Ranking } from './ranking.ts'

export interface EvaluationIntervals {
  readonly imageAuroc: Interval | null
  readonly imageAp: Interval | null
  readonly pixelAuroc: Interval | null
  readonly aupro30: Interval | null
  readonly aupro05: Interval | null
}

/** One test image; `histogram` is null for a defect without a mask. */
export interface IntervalImage {
  readonly score: number
  readonly isDefect: boolean
  readonly histogram: ImageHistogram | null
}

/** Intervals of one product. Null where a draw may lack what the metric needs, as the metric itself is. */
export function estimateIntervals(
  images: readonly IntervalImage[],
  options: BootstrapOptions = {},
): EvaluationIntervals {
  const rankImages = createWeightedRanker(images)
  const masked = images.flatMap(({ histogram }, i) => (histogram === null ? [] : [{ histogram, i }]))
  const rankPixels = createHistogramRanker(masked.map(({ histogram }) => histogram))
  const [imageAuroc = null, imageAp = null, pixelAuroc = null, aupro30 = null, aupro05 = null] = bootstrap(
    images.map((image) => image.isDefect),
    (weights) => {
      const ranking = rankImages(weights)
      const pixels = rankPixels(masked.map(({ i }) => weights[i]!))
      // As in an evaluation: with one class alone, AP would be right whatever the scores.
      const ap = ranking.negatives === 0 ? null : averagePrecision(ranking)
      return [auroc(ranking), ap, auroc(pixels), ...aupro(pixels, [0.3, 0.05])]
    },
    options,
  )
  return { imageAuroc, imageAp, pixelAuroc, aupro30, aupro05 }
}

/** Ranks images that count several times; a ranking is valid until the next call. */
function createWeightedRanker(
  images: readonly Pick<IntervalImage, 'score' | 'isDefect'>[],
): (weights: ArrayLike<number>) => Ranking {
  // Each image in a place of its own, by falling score; equal scores are one step of the walk.
  const order = images.map((_, i) => i).sort((a, b) => images[b]!.score - images[a]!.score)
  return (weights) => {
    let positives = 0
    let negatives = 0
    images.forEach(({ isDefect }, i) => {
      if (isDefect) positives += weights[i]!
      else negatives += weights[i]!
    })
    return {
      positives,
      negatives,
      walk(visit) {
        let tp = 0
        let fp = 0
        let isChanged = false
        order.forEach((i, place) => {
          const { score, isDefect } = images[i]!
          const weight = weights[i]!
          if (isDefect) tp += weight
          else fp += weight
          if (weight > 0) isChanged = true
          const next = order[place + 1]
          if (!isChanged || (next !== undefined && images[next]!.score === score)) return
          visit(tp, fp, score)
          isChanged = false
        })
      },
    }
  }
}
