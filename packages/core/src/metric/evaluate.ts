/**
 * The eight metrics of an evaluation from scores and maps, and the mean of these and more over products.
 *
 * Where the data cannot give a metric its value is null and `why` says what is missing, never 0 or 1:
 * with good images alone, or defects alone, every score list would look equally right.
 */
import {
  metricNames,
  moreMetricNames,
  type MetricName,
  type Metrics,
  type MoreMetrics,
} from '@assay/contract'
import { aupro } from './aupro.ts'
import { auroc } from './auroc.ts'
import { averagePrecision } from './average-precision.ts'
import { f1Max } from './f1-max.ts'
import { meanSaturated } from './mean-saturated.ts'
import type { PixelRanking } from './pixel-ranking.ts'
import { rankScores } from './ranking.ts'

export type ImageMetrics = Pick<Metrics, 'imageAuroc' | 'imageAp' | 'imageF1Max' | 'why'>
export type PixelMetrics = Pick<
  Metrics,
  'pixelAuroc' | 'pixelAp' | 'pixelF1Max' | 'aupro30' | 'aupro05' | 'why'
>

/** Image-level metrics of one score per image; `isDefect` is the truth, `names` are for error messages. */
export function evaluateImages(
  scores: ArrayLike<number>,
  isDefect: ArrayLike<boolean>,
  names?: readonly string[],
): ImageMetrics {
  const ranking = rankScores(scores, isDefect, names)
  const missing =
    scores.length === 0
      ? 'there are no test images'
      : ranking.positives === 0
        ? 'there are no defect images'
        : ranking.negatives === 0
          ? 'there are no good test images'
          : null
  if (missing !== null) return withReason(['imageAuroc', 'imageAp', 'imageF1Max'], missing)
  return {
    imageAuroc: auroc(ranking),
    imageAp: averagePrecision(ranking),
    imageF1Max: f1Max(ranking)?.value ?? null,
  }
}

/** Pixel-level metrics; null stands for a product without any mask. */
export function evaluatePixels(ranking: PixelRanking | null): PixelMetrics {
  const missing =
    ranking === null || ranking.positives + ranking.negatives === 0
      ? 'there are no masks'
      : ranking.positives === 0
        ? 'no mask marks a defect pixel'
        : ranking.negatives === 0
          ? 'the masks mark every pixel as defect'
          : null
  if (ranking === null || missing !== null) {
    return withReason(['pixelAuroc', 'pixelAp', 'pixelF1Max', 'aupro30', 'aupro05'], missing ?? '')
  }
  const [aupro30 = null, aupro05 = null] = aupro(ranking, [0.3, 0.05])
  return {
    pixelAuroc: auroc(ranking),
    pixelAp: averagePrecision(ranking),
    pixelF1Max: f1Max(ranking)?.value ?? null,
    aupro30,
    aupro05,
  }
}

/** All eight metrics of one product. */
export function joinMetrics(images: ImageMetrics, pixels: PixelMetrics): Metrics {
  const why = { ...images.why, ...pixels.why }
  return { ...images, ...pixels, ...(Object.keys(why).length > 0 ? { why } : {}) }
}

/**
 * The unweighted mean over products, as in the official evaluation. A metric that some products cannot
 * give is null, for a mean over the rest would not compare with one over all. Conditions and intervals are
 * of products and have no mean.
 */
export function meanMetrics(products: Readonly<Record<string, Metrics>>): Metrics {
  const more: Record<string, MoreMetrics> = {}
  for (const [name, metrics] of Object.entries(products)) {
    if (metrics.more !== undefined) more[name] = metrics.more
  }
  const hasMore = Object.keys(more).length > 0 && Object.keys(more).length === Object.keys(products).length
  if (!hasMore) return meanOf(metricNames, products)
  const saturated = meanSaturated(Object.values(more).map((own) => own.saturated))
  return {
    ...meanOf(metricNames, products),
    more: { ...meanOf(moreMetricNames, more), ...(saturated === undefined ? {} : { saturated }) },
  }
}

type Named<Name extends string> = Readonly<Record<Name, number | null>> & {
  readonly why?: Readonly<Record<string, string>> | undefined
}

function meanOf<Name extends string>(
  metrics: readonly Name[],
  products: Readonly<Record<string, Named<Name>>>,
): Record<Name, number | null> & { why?: Record<string, string> } {
  const names = Object.keys(products)
  const why: Record<string, string> = {}
  const mean = (metric: Name): number | null => {
    const missing = names.filter((name) => products[name]![metric] === null)
    if (missing.length > 0 || names.length === 0) {
      const reason = products[missing[0] ?? '']?.why?.[metric]
      why[metric] =
        names.length === 0
          ? 'there are no products'
          : `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} none${reason === undefined ? '' : `: ${reason}`}`
      return null
    }
    // Rounding may carry a sum of ones past the number of products.
    return Math.min(1, names.reduce((sum, name) => sum + (products[name]![metric] ?? 0), 0) / names.length)
  }
  // All of `metrics` and nothing else.
  const values = Object.fromEntries(metrics.map((metric) => [metric, mean(metric)])) as Record<
    Name,
    number | null
  >
  return { ...values, ...(Object.keys(why).length > 0 ? { why } : {}) }
}

function withReason<Name extends MetricName>(
  names: readonly Name[],
  reason: string,
): Record<Name, null> & { why: Record<string, string> } {
  const nothing = Object.fromEntries(names.map((name) => [name, null])) as Record<Name, null>
  return { ...nothing, why: Object.fromEntries(names.map((name) => [name, reason])) }
}
