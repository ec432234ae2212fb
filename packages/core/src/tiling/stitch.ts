/**
 * Joins the maps of tiles to one map, blended where tiles overlap, with only the rows in flight in memory.
 *
 * The tiles of a plan are a grid, so the weight of a tile is a product of a column's and a row's weight,
 * and dividing these by their sums along each axis makes all weights of a pixel add up to 1: no plane of
 * weights is kept. A row is finished as soon as every tile row that begins at or above it is complete.
 */
import type { Rectangle, Size, TilePlan } from './plan.ts'
import { requirePixels } from './require.ts'

/**
 * `cosine`: inside an overlap the weight rises from 0 to 1 along half a cosine, without a kink at either
 * end, so that no seam shows; `mean`: all tiles count the same, as published.
 */
export type Blend = 'cosine' | 'mean'

export interface StitchOptions {
  readonly blend?: Blend
  /** Map pixels per image pixel. */
  readonly scale?: number
}

/** Rows of the joined map `[height, width]` that are final; the first is row `y`. */
export interface StitchedRows {
  readonly y: number
  readonly height: number
  readonly plane: Float32Array
}

export interface Stitcher extends Size {
  /** Where the map of a tile lies in the joined map; beyond its right and lower edge in a padded plan. */
  placeOf(tile: number): Rectangle
  /** Adds the map `[placeOf(tile).height, placeOf(tile).width]` of a tile by its number in the plan, once. */
  add(tile: number, map: Float32Array): void
  /** The rows that no further tile touches and that were not taken yet, or null; they are forgotten here. */
  take(): StitchedRows | null
  /** All rows that were not taken yet, so the whole map where `take` is not used. Refuses a missing tile. */
  finish(): Float32Array
  /** How many rows are held. Tiles in order, taken after each, need no more than the window is high. */
  readonly rowsHeld: number
}

/** Joins maps to `[height, width]`: the rounded `scale` of the image's size. Tiles may come in any order. */
export function createStitcher(plan: TilePlan, options: StitchOptions = {}): Stitcher {
  const { blend = 'cosine', scale = 1 } = options
  const width = scaledLength(plan.width, scale)
  const height = scaledLength(plan.height, scale)
  const places = plan.tiles.map((tile) => {
    const [x, y] = [Math.round(tile.x * scale), Math.round(tile.y * scale)]
    const right = Math.round((tile.x + tile.width) * scale)
    const bottom = Math.round((tile.y + tile.height) * scale)
    return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) }
  })
  const across = weighAxis(
    places.slice(0, plan.columns).map((place) => ({ start: place.x, length: place.width })),
    width,
    blend,
  )
  const inRow = places.filter((_, i) => i % plan.columns === 0)
  const down = weighAxis(
    inRow.map((place) => ({ start: place.y, length: place.height })),
    height,
    blend,
  )

  const missing = new Set(plan.tiles.keys())
  const missingInRow = inRow.map(() => plan.columns)
  const rows = new Map<number, Float32Array>()
  let taken = 0

  const placeOf = (tile: number): Rectangle => {
    const place = places[tile]
    if (place === undefined) throw new Error(`internal: the plan has no tile ${tile}.`)
    return place
  }
  const takeTo = (end: number): StitchedRows => {
    const plane = new Float32Array((end - taken) * width)
    const first = taken
    for (; taken < end; taken++) {
      plane.set(rows.get(taken)!, (taken - first) * width)
      rows.delete(taken)
    }
    return { y: first, height: end - first, plane }
  }
  return {
    width,
    height,
    placeOf,
    add: (tile, map) => {
      const place = placeOf(tile)
      requirePixels(`the map of tile ${tile}`, map.length, place.width * place.height)
      if (!missing.delete(tile)) throw new Error(`internal: tile ${tile} was added before.`)
      const row = Math.trunc(tile / plan.columns)
      missingInRow[row]!--
      const weightsAcross = across[tile % plan.columns]!
      // The weights end where the joined map ends: what hangs over is left out.
      for (const [i, weightDown] of down[row]!.entries()) {
        const y = place.y + i
        const to = rows.get(y) ?? new Float32Array(width)
        rows.set(y, to)
        for (let k = 0; k < weightsAcross.length; k++)
          to[place.x + k]! += weightDown * weightsAcross[k]! * map[i * place.width + k]!
      }
    },
    take: () => {
      const open = missingInRow.findIndex((count) => count > 0)
      const end = open === -1 ? height : Math.min(height, inRow[open]!.y)
      return end > taken ? takeTo(end) : null
    },
    finish: () => {
      const [first] = missing
      if (first !== undefined)
        throw new Error(`internal: ${missing.size} tiles are missing, the first of them ${first}.`)
      return takeTo(height).plane
    },
    get rowsHeld() {
      return rows.size
    },
  }
}

function scaledLength(length: number, scale: number): number {
  if (!(scale > 0 && scale < Infinity))
    throw new Error(`internal: maps cannot be stitched at scale ${scale}.`)
  return Math.max(1, Math.round(length * scale))
}

interface Span {
  readonly start: number
  readonly length: number
}

/** The weights of each span along its pixels inside `length`; those of one pixel add up to 1. */
function weighAxis(spans: readonly Span[], length: number, blend: Blend): readonly Float64Array[] {
  const weights = spans.map((span, i) => {
    const before = spans[i - 1]
    const after = spans[i + 1]
    const end = span.start + span.length
    const left = before === undefined ? 0 : before.start + before.length - span.start
    const right = after === undefined ? 0 : end - after.start
    return Float64Array.from({ length: Math.max(0, Math.min(end, length) - span.start) }, (_, k) =>
      blend === 'mean' ? 1 : ramp(k, left) * ramp(span.length - 1 - k, right),
    )
  })
  const sums = new Float64Array(length)
  for (const [i, { start }] of spans.entries())
    for (const [k, weight] of weights[i]!.entries()) sums[start + k]! += weight
  return weights.map((own, i) => own.map((weight, k) => weight / sums[spans[i]!.start + k]!))
}

/** Half a cosine over `width` pixels, taken at the pixel's centre, so that it is never 0; then 1. */
function ramp(pixel: number, width: number): number {
  return pixel >= width ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * (pixel + 0.5)) / width)
}
