/** Regions of a picture of which only a reduced copy is held, in pixels of the picture. */
import type { Region } from '@assay/contract'
import type { Picture } from '../image/index.ts'

/**
 * Boxes, areas and lengths in pixels of the picture. Millimetres stay: zones are reduced together with their
 * millimetres per pixel, so they are right already. A box ends where the picture does, which need not be a multiple
 * of the reduction.
 */
export function enlargeRegions(
  regions: readonly Region[],
  { width, height, reduction }: Pick<Picture, 'width' | 'height' | 'reduction'>,
): Region[] {
  return regions.map((region) => {
    const [left, top, across, down] = region.box
    const [x, y] = [left * reduction, top * reduction]
    return {
      ...region,
      box: [x, y, Math.min(across * reduction, width - x), Math.min(down * reduction, height - y)],
      areaPx: region.areaPx * reduction ** 2,
      lengthPx: region.lengthPx * reduction,
    }
  })
}
