/**
 * The regions of a mask with their measures: bounding box, area, length, mean and peak of the anomaly map.
 *
 * Coordinates are pixels of the array given, origin top left; give masks of the original image's size.
 */
import type { Region } from '@assay/contract'
import { type Connectivity, labelComponents } from './label.ts'
import { measureRegions } from './measure.ts'

export interface FindRegionsOptions {
  /** Raw scores `[h, w]`; mean and peak of a region are those inside it. Without a map they are 1. */
  readonly map?: Float32Array
  /** Regions of fewer pixels are left out. */
  readonly smallestAreaPx?: number
  readonly connectivity?: Connectivity
}

/** Regions of non-zero pixels of `mask` `[h, w]`, largest area first; equal areas in raster order. */
export function findRegions(
  mask: Uint8Array,
  width: number,
  height: number,
  options: FindRegionsOptions = {},
): Region[] {
  const { map, smallestAreaPx = 1, connectivity = 8 } = options
  if (map !== undefined && map.length !== mask.length) {
    throw new Error(`internal: a map of ${map.length} pixels does not fit a mask of ${mask.length}`)
  }
  const { labels, count } = labelComponents(mask, width, height, { connectivity })
  if (count === 0) return []
  const regions = measureRegions(labels, count, width, map ?? null).filter(
    ({ areaPx }) => areaPx >= smallestAreaPx,
  )
  return regions.sort((a, b) => b.areaPx - a.areaPx)
}
