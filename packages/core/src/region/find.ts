/**
 * The regions of a mask with their measures: bounding box, area and peak of the anomaly map.
 *
 * Coordinates are pixels of the array given, origin top left; give masks of the original image's size.
 */
import type { Region } from '@assay/contract'
import { type Connectivity, labelComponents } from './label.ts'

export interface FindRegionsOptions {
  /** Raw scores `[h, w]`; the peak of a region is the largest inside it. Without a map every peak is 1. */
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
  const left = new Int32Array(count + 1).fill(width)
  const right = new Int32Array(count + 1).fill(-1)
  const top = new Int32Array(count + 1).fill(height)
  const bottom = new Int32Array(count + 1).fill(-1)
  const area = new Uint32Array(count + 1)
  const peak = new Float32Array(count + 1).fill(map === undefined ? 1 : -Infinity)
  // Traverses the labels row by row.
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const label = labels[i]!
      if (label === 0) continue
      area[label] = area[label]! + 1
      if (x < left[label]!) left[label] = x
      if (x > right[label]!) right[label] = x
      if (y < top[label]!) top[label] = y
      bottom[label] = y
      if (map !== undefined && map[i]! > peak[label]!) peak[label] = map[i]!
    }
  }
  const regions: Region[] = []
  for (let label = 1; label <= count; label++) {
    if (area[label]! < smallestAreaPx) continue
    const x = left[label]!
    const y = top[label]!
    regions.push({
      box: [x, y, right[label]! - x + 1, bottom[label]! - y + 1],
      areaPx: area[label]!,
      peak: peak[label]!,
    })
  }
  return regions.sort((a, b) => b.areaPx - a.areaPx)
}
