/** Counts, sizes and modes of a product's images: the numbers of its description. */
import type { ImageHeader } from '../image/index.ts'
import type { Label, Product, Sample, Split } from './dataset.ts'
import type { ProductCounts, ProductDescription, SizeSummary } from './description.ts'
import { compareNatural } from './natural-order.ts'

/** More distinct sizes than this are given as a range only. */
const listedSizes = 12

export function countSamples(product: Product): ProductCounts {
  const count = (split: Split, label: Label): number =>
    product.samples.filter((sample) => sample.split === split && sample.label === label).length
  const defects = new Map<string, { name: string; images: number; masks: number }>()
  for (const { defect, maskPath } of product.samples) {
    if (defect === null) continue
    const entry = defects.get(defect) ?? { name: defect, images: 0, masks: 0 }
    entry.images++
    if (maskPath !== null) entry.masks++
    defects.set(defect, entry)
  }
  return {
    train: { good: count('train', 'good') },
    validation: { good: count('validation', 'good') },
    test: {
      good: count('test', 'good'),
      defect: count('test', 'defect'),
      unknown: count('test', 'unknown'),
      defects: [...defects.values()].sort((a, b) => compareNatural(a.name, b.name)),
    },
    heldOut: product.heldOut,
  }
}

export function summariseSizes(headers: readonly ImageHeader[]): SizeSummary | null {
  if (headers.length === 0) return null
  const distinct = tally(headers.map(({ width, height }) => ({ width, height })))
  const widths = headers.map((header) => header.width).sort((a, b) => a - b)
  const heights = headers.map((header) => header.height).sort((a, b) => a - b)
  const at = (place: number): { width: number; height: number } => ({
    width: widths[place]!,
    height: heights[place]!,
  })
  return {
    distinct: distinct.length <= listedSizes ? distinct : null,
    distinctCount: distinct.length,
    smallest: at(0),
    // The lower of the two middle ones, so that it is a side that occurs.
    median: at((headers.length - 1) >> 1),
    largest: at(headers.length - 1),
  }
}

export function summariseModes(headers: readonly ImageHeader[]): ProductDescription['modes'] {
  return tally(headers.map(({ channels, depth }) => ({ channels, depth })))
}

export function summariseFormats(headers: readonly ImageHeader[]): ProductDescription['formats'] {
  return tally(headers.map(({ format }) => ({ format })))
}

export function summariseConditions(samples: readonly Sample[]): ProductDescription['conditions'] {
  return tally(samples.flatMap(({ condition }) => (condition === null ? [] : [{ condition }])))
}

/** Equal values with their number, most frequent first, then in order of their text. */
function tally<T extends object>(values: readonly T[]): (T & { count: number })[] {
  const counts = new Map<string, T & { count: number }>()
  for (const value of values) {
    const key = Object.values(value).join(' x ')
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { ...value, count: 1 })
    else known.count++
  }
  return [...counts]
    .sort(([a, { count: m }], [b, { count: n }]) => n - m || compareNatural(a, b))
    .map(([, entry]) => entry)
}
