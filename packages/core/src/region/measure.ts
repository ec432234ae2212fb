/** The measures of labelled regions, in one pass over the labels. */
import type { Region } from '@assay/contract'
import { longestExtent } from './length.ts'

/** What a region measures without being told a scale. */
export type MeasuredRegion = Pick<Region, 'box' | 'areaPx' | 'lengthPx' | 'mean' | 'peak'>

/**
 * One entry per label, from 1 to `count`; `labels` is `[height, width]`. Mean and peak are those of `map`, raw
 * scores of the same size; without a map they are 1.
 */
export function measureRegions(
  labels: Int32Array,
  count: number,
  width: number,
  map: Float32Array | null,
): MeasuredRegion[] {
  const rows = Array.from({ length: count }, (): [y: number, first: number, last: number][] => [])
  const area = new Float64Array(count)
  const sum = new Float64Array(count)
  const peak = new Float32Array(count).fill(map === null ? 1 : -Infinity)
  // Traverses the labels in raster order, so that rows come from the top and pixels from the left.
  for (let i = 0, y = 0; i < labels.length; y++) {
    for (const end = i + width, start = i; i < end; i++) {
      const label = labels[i]! - 1
      if (label < 0) continue
      area[label]!++
      const value = map === null ? 1 : map[i]!
      sum[label]! += value
      if (value > peak[label]!) peak[label] = value
      const own = rows[label]!
      const last = own.at(-1)
      if (last?.[0] === y) last[2] = i - start
      else own.push([y, i - start, i - start])
    }
  }
  return rows.map((own, label) => {
    let [left, right] = [Infinity, 0]
    for (const [, first, last] of own) [left, right] = [Math.min(left, first), Math.max(right, last)]
    return {
      box: [left, own[0]?.[0] ?? 0, right - left + 1, own.length],
      areaPx: area[label]!,
      lengthPx: longestExtent(own),
      mean: sum[label]! / area[label]!,
      peak: peak[label]!,
    }
  })
}
