/**
 * How a picture becomes inputs of the model, and where each input lies in the picture.
 *
 * `whole` scales the picture to the size of its product, aspect ratio of the product kept, so that no
 * border is lost; `tiles` does the same with overlapping windows of it, one after the other;
 * `short-side-crop` is the published way of CRAS (torchvision's Resize and CenterCrop), `square-crop` that of
 * INP-Former, which squeezes both sides to one length first.
 */
import type { Recipe } from '@assay/contract'
import {
  centreCrop,
  centreCropStart,
  resizeBilinear,
  resizeShortSide,
  toRgb8,
  type Image,
  type Picture,
} from '../image/index.ts'
import { cutTile, planTiles, type TilePlan } from '../tiling/index.ts'

/** A size in pixels. */
export interface InputSize {
  readonly height: number
  readonly width: number
}

/** What a product's pictures become. */
export interface InputGeometry extends InputSize {
  /** Size of a window in pixels of the picture; null when a picture is one input. */
  readonly window: InputSize | null
}

export interface PreparedInput extends InputSize {
  /** uint8 `[height, width, 3]` */
  readonly pixels: Uint8Array
  /** The part of the picture that the input shows, in pixels of the picture. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

/**
 * The input of a product from the sizes of its training pictures: their median aspect ratio, or that of a
 * window, and the recipe's area. A window is never larger than the median picture.
 */
export function planInput(sizes: readonly InputSize[], input: Recipe['input']): InputGeometry {
  const sized = ({ height, width }: InputSize): InputSize => {
    const round = (side: number): number =>
      Math.max(1, Math.round(side / input.multipleOf)) * input.multipleOf
    const ratio = height / width
    return { height: round(Math.sqrt(input.pixels * ratio)), width: round(Math.sqrt(input.pixels / ratio)) }
  }
  switch (input.fit) {
    case 'short-side-crop':
    case 'square-crop':
      return { height: input.crop, width: input.crop, window: null }
    case 'whole':
      return { ...sized({ height: median(sizes.map((s) => s.height / s.width)), width: 1 }), window: null }
    case 'tiles': {
      const limit = (side: number): number =>
        input.edge === 'pad' ? input.window : Math.min(input.window, side)
      const window = {
        height: limit(median(sizes.map((s) => s.height))),
        width: limit(median(sizes.map((s) => s.width))),
      }
      return { ...sized(window), window }
    }
    default:
      return input.fit satisfies never
  }
}

/** The windows of a picture, row by row. */
export function planWindows(picture: InputSize, window: InputSize, input: Recipe['input']): TilePlan {
  return planTiles(picture, { window, overlap: input.overlap, edge: input.edge })
}

/** How many inputs a picture becomes. */
export function countInputs(picture: InputSize, { window }: InputGeometry, input: Recipe['input']): number {
  return window === null ? 1 : planWindows(picture, window, input).tiles.length
}

/** Scales (and crops) a whole decoded picture to one input of its product. */
export function prepareInput(image: Image, size: InputSize, input: Recipe['input']): PreparedInput {
  const { pixels: rgb } = toRgb8(image)
  if (input.fit === 'short-side-crop' || input.fit === 'square-crop') return cropCentre(rgb, image, input)
  const { height, width } = size
  const pixels = resizeBilinear(rgb, image.width, image.height, 3, width, height)
  return { height, width, pixels, box: { x: 0, y: 0, width: image.width, height: image.height } }
}

/**
 * All inputs that a picture becomes, each made when it is asked for; or those that are wanted by their number.
 * One input shows the reduced copy of a very large picture; windows show its own pixels, read row by row of
 * windows. Boxes are in pixels of what was shown.
 */
export async function* prepareInputs(
  picture: Picture,
  geometry: InputGeometry,
  input: Recipe['input'],
  wanted?: ReadonlySet<number>,
): AsyncGenerator<PreparedInput, void, undefined> {
  const { height, width, window } = geometry
  if (window === null) {
    yield prepareInput(picture.whole, geometry, input)
    return
  }
  const plan = planWindows(picture, window, input)
  let row = -1
  let band: Uint8Array = new Uint8Array()
  let bandHeight = 0
  for (const [i, tile] of plan.tiles.entries()) {
    if (wanted?.has(i) === false) continue
    if (tile.row !== row) {
      row = tile.row
      bandHeight = Math.min(tile.height, picture.height - tile.y)
      band = await picture.rows(tile.y, bandHeight)
    }
    const cut = cutTile(band, { width: picture.width, height: bandHeight }, 3, { ...tile, y: 0 })
    const pixels = resizeBilinear(cut, tile.width, tile.height, 3, width, height)
    yield { height, width, pixels, box: { x: tile.x, y: tile.y, width: tile.width, height: tile.height } }
  }
}

function cropCentre(rgb: Uint8Array, image: Image, { fit, resize, crop }: Recipe['input']): PreparedInput {
  const { width, height } = image
  const scaled =
    fit === 'short-side-crop'
      ? resizeShortSide(rgb, width, height, 3, resize)
      : { width: resize, height: resize, pixels: resizeBilinear(rgb, width, height, 3, resize, resize) }
  const scaleX = image.width / scaled.width
  const scaleY = image.height / scaled.height
  return {
    height: crop,
    width: crop,
    pixels: centreCrop(scaled.pixels, scaled.width, scaled.height, 3, crop, crop),
    box: {
      x: centreCropStart(scaled.width, crop) * scaleX,
      y: centreCropStart(scaled.height, crop) * scaleY,
      width: crop * scaleX,
      height: crop * scaleY,
    },
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 1
}
