/**
 * What is odd about a picture among the others of its product.
 *
 * Industrial pictures of one product look alike, so a perceptual hash calls most of them duplicates. Here one repeats
 * another when the two are far nearer to each other than pictures of the product are to their neighbours.
 */
import type { Finding } from '@assay/contract/api'
import type { Measures } from './measure.ts'
import { distanceFrom, toRobust } from './robust.ts'

export interface MeasuredPicture {
  readonly id: string
  readonly name: string
  readonly width: number
  readonly height: number
  /** Only good pictures say what is usual; the others are looked at for repetition. */
  readonly isGood: boolean
  readonly measures: Measures
}

/** So many robust standard deviations from the others are worth a look. */
const limit = 4
/** Fewer pictures do not say what is usual. */
const fewest = 5
/** Smallest spreads that are taken seriously: of a logarithm, in grey values, of a logarithm. */
const least = { sharpness: 0.15, brightness: 4, distance: 0.12 }

/** Worst first. */
export function comparePictures(pictures: readonly MeasuredPicture[]): Finding[] {
  const good = pictures.filter(({ isGood }) => isGood)
  const usual = good.length < fewest ? [] : [...findBlur(good), ...findExposure(good), ...findOutliers(good)]
  return [...findDuplicates(pictures), ...findSizes(good), ...usual].sort((a, b) => b.severity - a.severity)
}

function findBlur(good: readonly MeasuredPicture[]): Finding[] {
  const usual = toRobust(good.map(({ measures }) => measures.sharpness))
  return good.flatMap(({ id, measures }) => {
    const severity = -distanceFrom(usual, measures.sharpness, least.sharpness)
    if (severity < limit) return []
    const share = Math.exp(measures.sharpness - usual.median)
    const text = `It has ${Math.max(1, Math.round(100 * share))} % of the detail of the others; it may be blurred.`
    return [{ image: id, kind: 'blurred' as const, severity, other: null, text }]
  })
}

function findExposure(good: readonly MeasuredPicture[]): Finding[] {
  const usual = toRobust(good.map(({ measures }) => measures.brightness))
  return good.flatMap(({ id, measures: { brightness } }) => {
    const distance = distanceFrom(usual, brightness, least.brightness)
    if (Math.abs(distance) < limit) return []
    const text = `Its mean grey value is ${Math.round(brightness)}; that of the others is ${Math.round(usual.median)}.`
    const kind = distance < 0 ? ('dark' as const) : ('bright' as const)
    return [{ image: id, kind, severity: Math.abs(distance), other: null, text }]
  })
}

/**
 * By the logarithm of the mean distance to the three nearest others: a few odd pictures do not make each other usual,
 * and distances that are a few times as large come by themselves where there are many pictures.
 */
function findOutliers(good: readonly MeasuredPicture[]): Finding[] {
  const distances = good.map(({ measures }, i) => {
    const others = good.flatMap((other, j) =>
      i === j ? [] : [distance(measures.features, other.measures.features)],
    )
    const nearest = others.sort((a, b) => a - b).slice(0, 3)
    return Math.log(nearest.reduce((sum, value) => sum + value, 1e-6) / nearest.length)
  })
  const usual = toRobust(distances)
  return good.flatMap(({ id }, i) => {
    const severity = distanceFrom(usual, distances[i] ?? 0, least.distance)
    if (severity < limit) return []
    const text = 'It looks unlike the other good pictures; see whether it shows a defect or another part.'
    return [{ image: id, kind: 'outlier' as const, severity, other: null, text }]
  })
}

function findSizes(good: readonly MeasuredPicture[]): Finding[] {
  const counts = new Map<string, number>()
  const sizeOf = ({ width, height }: MeasuredPicture): string => `${width} x ${height}`
  for (const picture of good) counts.set(sizeOf(picture), (counts.get(sizeOf(picture)) ?? 0) + 1)
  const [usual, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  if (count < fewest || count < 0.8 * good.length) return []
  return good.flatMap((picture) => {
    const size = sizeOf(picture)
    if (size === usual) return []
    const text = `It has ${size} pixels; ${count} of ${good.length} have ${usual}.`
    return [
      { image: picture.id, kind: 'size' as const, severity: (10 * count) / good.length, other: null, text },
    ]
  })
}

/** The later one of a pair is told. */
function findDuplicates(pictures: readonly MeasuredPicture[]): Finding[] {
  const nearest = pictures.map(({ measures }, i) => {
    let best = { at: -1, grey: Infinity }
    for (const [j, other] of pictures.entries()) {
      if (i === j) continue
      const grey = distance(measures.thumb, other.measures.thumb) / Math.sqrt(measures.thumb.length)
      if (grey < best.grey) best = { at: j, grey }
    }
    return best
  })
  const { median } = toRobust(nearest.map(({ grey }) => grey))
  const near = Math.min(2, Math.max(0.25, 0.15 * median))
  return pictures.flatMap(({ id }, i) => {
    const { at, grey } = nearest[i] ?? { at: -1, grey: Infinity }
    const other = pictures[at]
    if (other === undefined || grey > near || at > i) return []
    const severity = 10 * (1 - grey / (near + 1e-9)) + limit
    const text = `It shows the same as "${other.name}", but for ${grey.toFixed(2)} grey values.`
    return [{ image: id, kind: 'duplicate' as const, severity, other: other.id, text }]
  })
}

/** Euclidean. */
function distance(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return Math.sqrt(sum)
}
