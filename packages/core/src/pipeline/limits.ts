/** The thresholds of a product and of its zones, set on the scores of good pictures. */
import {
  formatRate,
  roundRateUp,
  type ProductCard,
  type Recipe,
  type Zone,
  type Zones,
} from '@assay/contract'
import { boundRate, imagesNeeded, setLimit, usualConfidence, type Limit } from '../calibrate/index.ts'
import type { ZoneScore } from '../zone/index.ts'
import type { WarningEvent } from './options.ts'

export type Aims = Pick<Recipe['calibration'], 'falseAlarms' | 'falseMasks' | 'unsure' | 'confidence'>

/** What the thresholds of a product aim at: its last calibration, else the recipe. */
export function aimsOf(product: ProductCard, { calibration }: Recipe): Aims {
  return { ...calibration, ...product.aims, falseAlarms: product.falseAlarms }
}

/** Of good pictures, in their order. */
export interface GoodScores {
  readonly scores: readonly number[]
  /** Largest value of each map. */
  readonly peaks: readonly number[]
}

/** What a card says about the thresholds of a product. */
export type ProductLimits = Pick<
  ProductCard,
  'image' | 'pixel' | 'unsure' | 'promised' | 'falseAlarms' | 'heldOutImages' | 'heldOutAbove'
>

/** Sets the thresholds of a whole picture. */
export function limitProduct(heldOut: GoodScores, leftOut: GoodScores, aims: Aims): ProductLimits {
  const confidence = confidenceOf(aims)
  const { image, pixel } = limitPair(heldOut, leftOut, aims, confidence)
  return {
    image: { threshold: image.threshold, scale: image.scale },
    pixel: { threshold: pixel.threshold, scale: pixel.scale },
    unsure: image.unsure,
    promised: { falseAlarms: image.promised, falseMasks: pixel.promised, confidence },
    falseAlarms: aims.falseAlarms,
    heldOutImages: heldOut.scores.length,
    heldOutAbove: heldOut.scores.filter((s) => s > image.threshold).length,
  }
}

/**
 * Sets the thresholds of each inspected zone. A zone that names no rate of its own gets an even share of the
 * product's, so that all together keep it; likewise the promises share what may fail and add up.
 */
export function limitZones(
  { mmPerPixel, zones }: Zones,
  pictures: readonly (readonly (ZoneScore | undefined)[])[],
  aims: Aims,
): Required<Pick<ProductLimits, 'promised' | 'heldOutAbove'>> & { readonly zones: Zones } {
  const inspected = zones.filter((zone) => zone.kind === 'inspect').length
  const confidence = confidenceOf(aims)
  const promised = { falseAlarms: 0, falseMasks: 0, confidence }
  const isAbove = pictures.map(() => false)
  const limited = zones.map((zone, i): Zone => {
    if (zone.kind === 'ignore') return zone
    const own = pictures.map((labels) => {
      const score = labels[i + 1]
      if (score === undefined) throw new Error(`internal: the zone "${zone.name}" has no score`)
      return score
    })
    const good = { scores: own.map((s) => s.score), peaks: own.map((s) => s.peak) }
    const { image, pixel } = limitPair(
      good,
      { scores: [], peaks: [] },
      {
        falseAlarms: zone.falseAlarms ?? aims.falseAlarms / inspected,
        falseMasks: zone.falseMasks ?? aims.falseMasks / inspected,
        unsure: aims.unsure === null ? null : aims.unsure / inspected,
        confidence: aims.confidence,
      },
      1 - (1 - confidence) / inspected,
    )
    promised.falseAlarms += image.promised
    promised.falseMasks += pixel.promised
    for (const [p, score] of good.scores.entries()) if (score > image.threshold) isAbove[p] = true
    return {
      ...zone,
      image: { threshold: image.threshold, scale: image.scale },
      pixel: { threshold: pixel.threshold, scale: pixel.scale },
      unsure: image.unsure,
    }
  })
  return {
    zones: { mmPerPixel, zones: limited },
    promised: {
      ...promised,
      falseAlarms: Math.min(1, promised.falseAlarms),
      falseMasks: Math.min(1, promised.falseMasks),
    },
    heldOutAbove: isAbove.filter(Boolean).length,
  }
}

/** Says so when `images` good pictures are too few to promise the rate that is aimed at. */
export function* warnAboutPromise(
  name: string,
  images: number,
  aims: Pick<Aims, 'falseAlarms' | 'confidence'>,
): Generator<WarningEvent> {
  const confidence = confidenceOf(aims)
  const needed = imagesNeeded(aims.falseAlarms, confidence)
  if (images >= needed) return
  const best = formatRate(roundRateUp(boundRate(0, images, confidence)))
  const pictures = `${images} good image${images === 1 ? '' : 's'}`
  yield {
    type: 'warning',
    message:
      `${pictures} of "${name}" can promise ${best} false alarms at best, with ${formatRate(confidence)} confidence; ` +
      `${formatRate(aims.falseAlarms)} is aimed at, and to promise it takes ${needed.toLocaleString('en-GB')}.`,
  }
}

function limitPair(
  heldOut: GoodScores,
  leftOut: GoodScores,
  aims: Aims,
  confidence: number,
): { readonly image: Limit; readonly pixel: Limit } {
  const isKept = aims.confidence > 0
  const common = { confidence, isKept }
  return {
    image: setLimit(heldOut.scores, leftOut.scores, {
      rate: aims.falseAlarms,
      unsure: aims.unsure,
      ...common,
    }),
    pixel: setLimit(heldOut.peaks, leftOut.peaks, { rate: aims.falseMasks, unsure: null, ...common }),
  }
}

function confidenceOf({ confidence }: Pick<Aims, 'confidence'>): number {
  return confidence > 0 ? confidence : usualConfidence
}
