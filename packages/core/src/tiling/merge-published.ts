/**
 * Merges tile maps the way RoBiS was published: at a quarter of the image's scale, in float16.
 *
 * Windows are placed at the truncated step of the quarter window, which is up to a quarter pixel per tile
 * off the place where the tile was cut (230 against 230.25). Sums and their quotient by the number of
 * tiles are rounded to float16 after each operation, so the order of the tiles matters: row by row.
 * The published canvas, filled up to whole windows, is left out: the crop that follows never shows it.
 */
import { roundToFloat16 } from '@assay/graph'
import { stepOf, type Size, type TilePlan } from './plan.ts'
import { requirePixels } from './require.ts'

/** Values that float16 can hold, `[height, width]`. */
export interface MergedMap extends Size {
  readonly plane: Float32Array
}

/** Length in a published map of so many image pixels. */
export function quarterOf(length: number): number {
  return Math.trunc(length / 4)
}

/**
 * The map of the image at a quarter of its size. `maps` are those of the plan's tiles, in order, each
 * `[window.height / 4, window.width / 4]` truncated; they are rounded to float16 first. A pixel that no
 * tile reaches because of the drift is 0.
 */
export function mergePublished(plan: TilePlan, maps: Iterable<Float32Array>): MergedMap {
  const [width, height] = [quarterOf(plan.width), quarterOf(plan.height)]
  const window = { width: quarterOf(plan.window.width), height: quarterOf(plan.window.height) }
  const stepX = stepOf(window.width, plan.overlap)
  const stepY = stepOf(window.height, plan.overlap)
  const plane = new Float32Array(width * height)
  const counts = new Uint16Array(plane.length)
  let tiles = 0
  for (const map of maps) {
    requirePixels(`the map of tile ${tiles}`, map.length, window.width * window.height)
    const left = (tiles % plan.columns) * stepX
    const top = Math.trunc(tiles / plan.columns) * stepY
    const columns = Math.min(window.width, width - left)
    for (let y = 0; y < Math.min(window.height, height - top); y++) {
      const from = y * window.width
      const to = (top + y) * width + left
      for (let x = 0; x < columns; x++) {
        plane[to + x] = roundToFloat16(plane[to + x]! + roundToFloat16(map[from + x]!))
        counts[to + x]!++
      }
    }
    tiles++
  }
  if (tiles !== plan.tiles.length)
    throw new Error(`internal: ${tiles} maps were merged, but the plan has ${plan.tiles.length} tiles.`)
  for (let i = 0; i < plane.length; i++) if (counts[i]! > 1) plane[i] = roundToFloat16(plane[i]! / counts[i]!)
  return { width, height, plane }
}
