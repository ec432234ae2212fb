/**
 * Plans overlapping tiles over an image: geometry only, every coordinate a pixel of the original image.
 *
 * Tiles of one window follow each other at one step. At the far edges the last tile is either shifted
 * inwards, so that every tile shows real pixels only, or hangs over and is filled up with zeros, as RoBiS
 * was published (window 1024, overlap 0.1, step 921).
 */

export interface Size {
  readonly width: number
  readonly height: number
}

/** A rectangle in pixels, origin top left, `x` to the right and `y` down. */
export interface Rectangle extends Size {
  readonly x: number
  readonly y: number
}

export interface Tile extends Rectangle {
  readonly row: number
  readonly column: number
}

/** `shift`: the last tile ends with the image; `pad`: it keeps the step and hangs over the edge. */
export type TileEdge = 'shift' | 'pad'

export interface TileOptions {
  /** Size of a tile; where the image is smaller, `shift` cuts tiles of the image's size. */
  readonly window: Size
  /** Share of a window that the next one covers too, 0 to 0.9. */
  readonly overlap: number
  readonly edge: TileEdge
}

export interface TilePlan extends Size, TileOptions {
  readonly rows: number
  readonly columns: number
  /** Row by row: tile (row, column) is at `row * columns + column`. */
  readonly tiles: readonly Tile[]
}

/** The tiles that cover an image of any size, at least one. */
export function planTiles({ width, height }: Size, options: TileOptions): TilePlan {
  const { window, overlap, edge } = options
  for (const side of [width, height, window.width, window.height])
    if (!Number.isInteger(side) || side < 1)
      throw new Error(`internal: ${side} is not the side of a tile plan.`)
  if (!(overlap >= 0 && overlap <= 0.9)) throw new Error(`internal: tiles cannot overlap by ${overlap}.`)
  const across = planAxis(width, window.width, overlap, edge)
  const down = planAxis(height, window.height, overlap, edge)
  const tiles = down.starts.flatMap((y, row) =>
    across.starts.map((x, column) => ({ row, column, x, y, width: across.length, height: down.length })),
  )
  return {
    width,
    height,
    window,
    overlap,
    edge,
    rows: down.starts.length,
    columns: across.starts.length,
    tiles,
  }
}

/** Distance of one window to the next: truncated as published, but never less than a pixel. */
export function stepOf(window: number, overlap: number): number {
  return Math.max(1, Math.trunc(window * (1 - overlap)))
}

interface Axis {
  readonly starts: readonly number[]
  /** Length of every tile. */
  readonly length: number
}

function planAxis(image: number, window: number, overlap: number, edge: TileEdge): Axis {
  const step = stepOf(window, overlap)
  const count = Math.max(1, Math.ceil((image - window) / step) + 1)
  const starts = Array.from({ length: count }, (_, i) => i * step)
  if (edge === 'pad') return { starts, length: window }
  const length = Math.min(window, image)
  return { starts: starts.map((start) => Math.min(start, image - length)), length }
}
