/** Judges a picture zone by zone: each has its own score, thresholds and rules, and the strangest one decides. */
import type { Inspection, ProductCard, Verdict, Zone, Zones, ZoneInspection } from '@assay/contract'
import { toCalibrated, verdictOf, type Calibration } from '../calibrate/index.ts'
import { cutMap, findZoneRegions, scoreZones, type ZonePlane } from '../zone/index.ts'

/** The part of a record that zones decide. */
export type ZoneVerdict = Required<
  Pick<Inspection, 'score' | 'calibrated' | 'threshold' | 'verdict' | 'regions' | 'zones'>
> &
  Pick<Inspection, 'unsure'>

export interface ZoneJudgement {
  readonly record: ZoneVerdict
  readonly mask: Uint8Array
}

export interface JudgeZonesInput {
  readonly product: ProductCard
  readonly zones: Zones
  readonly plane: ZonePlane
  /** Raw scores `[height, width]`, cut to what is inspected. */
  readonly map: Float32Array
  /** 255 or 0, made with the thresholds of the zones. */
  readonly mask: Uint8Array
  readonly width: number
  readonly height: number
  readonly topShare: number
}

/** The mask in which each zone has its own threshold, and no zone sees what lies in another. */
export function maskZones(
  { zones }: Zones,
  plane: ZonePlane,
  map: Float32Array,
  product: ProductCard,
  makeMask: (values: Float32Array, product: Pick<ProductCard, 'pixel' | 'mask'>) => Uint8Array,
): Uint8Array {
  const mask = new Uint8Array(plane.length)
  for (const [i, zone] of zones.entries()) {
    if (zone.kind === 'ignore') continue
    const own = makeMask(cutMap(map, plane, i + 1), {
      pixel: calibrationOf(zone, 'pixel'),
      mask: product.mask,
    })
    for (let p = 0; p < plane.length; p++) if (plane[p] === i + 1) mask[p] = own[p]!
  }
  return mask
}

/**
 * The worst verdict of a zone is that of the picture; of several the farthest above its threshold. Its score is put
 * on the scale of the product, so that one threshold holds for all pictures.
 */
export function judgeZones(input: JudgeZonesInput): ZoneJudgement {
  const { product, zones, plane, map, width, height } = input
  const { mask, regions } = findZoneRegions(zones, plane, input.mask, map, width, height)
  const scores = scoreZones(map, plane, input.topShare)
  const judged = zones.zones.flatMap((zone, i) => {
    const found = scores[i + 1]
    if (zone.kind === 'ignore' || found === undefined) return []
    const own = regions.filter((region) => region.zone === zone.name).length
    return [judgeZone(zone, found.score, own)]
  })
  const [worst] = judged.toSorted(
    (a, b) => severity[b.record.verdict] - severity[a.record.verdict] || b.margin - a.margin,
  )
  if (worst === undefined) throw new Error('internal: zones of which none is inspected')
  const { threshold, scale } = product.image
  const toProduct = (margin: number): number => threshold + margin * scale
  return {
    mask,
    record: {
      score: toProduct(worst.margin),
      calibrated: worst.record.calibrated,
      threshold,
      ...(worst.unsureMargin === null ? {} : { unsure: toProduct(worst.unsureMargin) }),
      verdict: worst.record.verdict,
      zones: judged.map(({ record }) => record),
      regions: [...regions],
    },
  }
}

/** 0 to 1 with each zone's pixel threshold at 0.5; what is not inspected is 0. */
export function calibrateZoneMap({ zones }: Zones, plane: ZonePlane, map: Float32Array): Float32Array {
  const calibrations = zones.map((zone) => (zone.kind === 'ignore' ? null : calibrationOf(zone, 'pixel')))
  return map.map((raw, i) => {
    const calibration = calibrations[plane[i]! - 1]
    return calibration ? toCalibrated(raw, calibration) : 0
  })
}

const severity: Readonly<Record<Verdict, number>> = { good: 0, unsure: 1, defect: 2 }

interface JudgedZone {
  readonly record: ZoneInspection
  /** Distance from the threshold in units of the scale. */
  readonly margin: number
  readonly unsureMargin: number | null
}

function judgeZone(zone: Zone, score: number, regions: number): JudgedZone {
  const calibration = calibrationOf(zone, 'image')
  const { threshold, scale } = calibration
  const unsure = zone.unsure ?? null
  const hasRules = [zone.smallestAreaPx, zone.smallestAreaMm2, zone.mostRegions].some(
    (rule) => rule !== undefined,
  )
  const isTolerated = hasRules && regions <= (zone.mostRegions ?? 0)
  return {
    record: {
      name: zone.name,
      score,
      calibrated: toCalibrated(score, calibration),
      threshold,
      ...(unsure === null ? {} : { unsure }),
      verdict: isTolerated ? 'good' : verdictOf(score, threshold, unsure),
      regions,
    },
    margin: (score - threshold) / scale,
    unsureMargin: unsure === null ? null : (unsure - threshold) / scale,
  }
}

function calibrationOf(zone: Zone, level: 'image' | 'pixel'): Calibration {
  const calibration = zone[level]
  if (calibration === undefined) throw new Error(`internal: the zone "${zone.name}" has no thresholds`)
  return calibration
}
