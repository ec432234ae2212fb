/** Means of AU-sPRO and its image AUROC: over kinds of defects, then over products, each weighing alike. */
import { saturatedMetricNames, type SaturatedMetricName, type SaturatedMetrics } from '@assay/contract'

type Values = Readonly<Record<SaturatedMetricName, number | null>>

/** A value that one of them cannot give is null. */
export function meanOfKinds(all: readonly Values[]): Values {
  const mean = (name: SaturatedMetricName): number | null => {
    const values = all.flatMap((one) => one[name] ?? [])
    if (values.length < all.length || values.length === 0) return null
    return Math.min(1, values.reduce((sum, value) => sum + value, 0) / values.length)
  }
  // All names and nothing else.
  return Object.fromEntries(saturatedMetricNames.map((name) => [name, mean(name)])) as Values
}

/** The mean over products, also of each kind that all of them have; undefined unless all have saturated metrics. */
export function meanSaturated(
  products: readonly (SaturatedMetrics | undefined)[],
): SaturatedMetrics | undefined {
  const known = products.flatMap((product) => product ?? [])
  const [first] = known
  if (first === undefined || known.length < products.length) return undefined
  const common = Object.keys(first.kinds).filter((name) => known.every(({ kinds }) => name in kinds))
  const kinds = common.map((name) => {
    const own = known.flatMap((product) => product.kinds[name] ?? [])
    return [name, { images: own.reduce((sum, { images }) => sum + images, 0), ...meanOfKinds(own) }] as const
  })
  return { ...meanOfKinds(known), kinds: Object.fromEntries(kinds) }
}
