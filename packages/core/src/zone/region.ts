/** The regions of a mask zone by zone: what is too small goes, what remains is measured. */
import type { Region, Zones } from '@assay/contract'
import { labelComponents } from '../region/index.ts'
import { longestExtent } from './length.ts'
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
    const found = measure(labels, count, map, width)
    const smallest =
      zone.smallestAreaMm2 === undefined || mmPerPixel === null
        ? (zone.smallestAreaPx ?? 0)
        : zone.smallestAreaMm2 / mmPerPixel ** 2
    const isKept = found.map(({ areaPx }) => areaPx >= smallest)
    for (const [i, label] of labels.entries()) if (label !== 0 && isKept[label - 1] === true) kept[i] = 255
    for (const [i, region] of found.entries()) {
      if (isKept[i] !== true) continue
      const { box, areaPx, peak, rows } = region
      regions.push({
        box,
        areaPx,
        peak,
        zone: zone.name,
        ...(mmPerPixel === null
          ? {}
          : { areaMm2: areaPx * mmPerPixel ** 2, lengthMm: longestExtent(rows) * mmPerPixel }),
      })
    }
  }
  return { mask: kept, regions: regions.sort((a, b) => b.areaPx - a.areaPx) }
}

interface Measured {
  readonly box: [number, number, number, number]
  readonly areaPx: number
  readonly peak: number
  /** Number, first and last pixel of each row. */
  readonly rows: readonly [number, number, number][]
}

/** One entry per label, from 1 on. */
function measure(labels: Int32Array, count: number, map: Float32Array, width: number): Measured[] {
  const rows = Array.from({ length: count }, (): [number, number, number][] => [])
  const area = new Uint32Array(count)
  const peak = new Float32Array(count).fill(-Infinity)
  // Traverses the labels in raster order, so that rows come from the top and pixels from the left.
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]! - 1
    if (label < 0) continue
    area[label]!++
    if (map[i]! > peak[label]!) peak[label] = map[i]!
    const y = Math.floor(i / width)
    const own = rows[label]!
    const last = own.at(-1)
    if (last?.[0] === y) last[2] = i % width
    else own.push([y, i % width, i % width])
  }
  return rows.map((own, label) => {
    const left = own.reduce((least, [, first]) => Math.min(least, first), Infinity)
    const right = own.reduce((most, [, , last]) => Math.max(most, last), 0)
    const top = own[0]?.[0] ?? 0
    return {
      box: [left, top, right - left + 1, own.length],
      areaPx: area[label]!,
      peak: peak[label]!,
      rows: own,
    }
  })
}
