/** Cuts the pixels of a tile out of an image; what hangs over the image is zero. */
import type { Size, Tile } from './plan.ts'
import { requirePixels } from './require.ts'

/** The bytes `[tile.height, tile.width, channels]` of `pixels` `[height, width, channels]` at a tile. */
export function cutTile(
  pixels: Uint8Array,
  { width, height }: Size,
  channels: number,
  tile: Tile,
): Uint8Array {
  requirePixels('the image to cut', pixels.length, width * height * channels)
  const out = new Uint8Array(tile.width * tile.height * channels)
  const rowLength = Math.min(tile.width, width - tile.x) * channels
  const bottom = Math.min(tile.height, height - tile.y)
  for (let y = 0; y < bottom; y++) {
    const from = ((tile.y + y) * width + tile.x) * channels
    out.set(pixels.subarray(from, from + rowLength), y * tile.width * channels)
  }
  return out
}

/**
 * The file name that RoBiS gives a tile: row and column are one digit each, appended to the image's name.
 * Refuses the eleventh row or column, whose name would say something else.
 */
export function publishedTileName(imageName: string, { row, column }: Tile): string {
  if (row > 9 || column > 9)
    throw new Error(`internal: tile ${row}, ${column} has no name of one digit for row and column.`)
  return `${imageName}_${row}${column}.png`
}
