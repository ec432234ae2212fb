/** The regions of a mask zone by zone: what is too small goes, what remains is measured. */
import type { Region, Zones } from '@assay/contract'
import { labelComponents, measureRegions } from '../region/index.ts'
import type { ZonePlane } from './plane.ts'

export interface ZoneRegions {
  /** The mask without what is not inspected and without regions that are too small. */
  readonly mask: Uint8Array
  /** Largest area first; a region that lies in two zones is two regions. */
  readonly regions: readonly Region[]
}

/** `mask` and `map` are `[height, width]`, 0 or 255 and raw scores. Regions are 8-connected. */
export function findZoneRegions(
  { zones, mmPerPixel }: Zones,
  plane: ZonePlane,
  mask: Uint8Array,
  map: Float32Array,
  width: number,
  height: number,
): ZoneRegions {
  const kept = new Uint8Array(mask.length)
  const regions: Region[] = []
  for (const [z, zone] of zones.entries()) {
    if (zone.kind === 'ignore') continue
    const own = mask.map((value, i) => (plane[i] === z + 1 ? value : 0))
    const { labels, count } = labelComponents(own, width, height)
    const found = measureRegions(labels, count, width, map)
    const smallest =
      zone.smallestAreaMm2 === undefined || mmPerPixel === null
        ? (zone.smallestAreaPx ?? 0)
        : zone.smallestAreaMm2 / mmPerPixel ** 2
    const isKept = found.map(({ areaPx }) => areaPx >= smallest)
    for (const [i, label] of labels.entries()) if (label !== 0 && isKept[label - 1] === true) kept[i] = 255
    for (const [i, region] of found.entries()) {
      if (isKept[i] !== true) continue
      const { areaPx, lengthPx } = region
      regions.push({
        ...region,
        zone: zone.name,
        ...(mmPerPixel === null
          ? {}
          : { areaMm2: areaPx * mmPerPixel ** 2, lengthMm: lengthPx * mmPerPixel }),
      })
    }
  }
  return { mask: kept, regions: regions.sort((a, b) => b.areaPx - a.areaPx) }
}
