/**
 * How a picture becomes the model's input, and where the input lies in the picture.
 *
 * `whole` scales the picture to the size of its product, aspect ratio of the product kept, so that no
 * border is lost; `short-side-crop` is the published way (torchvision's Resize and CenterCrop).
 */
import type { Recipe } from '@assay/contract'
import {
  centreCrop,
  centreCropStart,
  resizeBilinear,
  resizeShortSide,
  toRgb8,
  type Image,
} from '../image/index.ts'

/** A size of the model input. */
export interface InputSize {
  readonly height: number
  readonly width: number
}

export interface PreparedInput extends InputSize {
  /** uint8 `[height, width, 3]` */
  readonly pixels: Uint8Array
  /** The part of the picture that the input shows, in pixels of the picture. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

/** The input size of a product from the sizes of its training pictures: their median aspect ratio, the recipe's area. */
export function planInputSize(sizes: readonly InputSize[], input: Recipe['input']): InputSize {
  if (input.fit === 'short-side-crop') return { height: input.crop, width: input.crop }
  const ratio = median(sizes.map((s) => s.height / s.width))
  const round = (side: number): number => Math.max(1, Math.round(side / input.multipleOf)) * input.multipleOf
  return { height: round(Math.sqrt(input.pixels * ratio)), width: round(Math.sqrt(input.pixels / ratio)) }
}

/** Scales (and crops) a decoded picture to the input of its product. */
export function prepareInput(image: Image, size: InputSize, input: Recipe['input']): PreparedInput {
  const { pixels: rgb } = toRgb8(image)
  if (input.fit === 'whole') {
    const pixels = resizeBilinear(rgb, image.width, image.height, 3, size.width, size.height)
    return { ...size, pixels, box: { x: 0, y: 0, width: image.width, height: image.height } }
  }
  const scaled = resizeShortSide(rgb, image.width, image.height, 3, input.resize)
  const { crop } = input
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
