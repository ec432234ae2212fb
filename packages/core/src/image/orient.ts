/**
 * Turns pixels upright by their EXIF orientation (TIFF tag 274), the same eight cases for every format.
 *
 * Done here and not by the decoder so that one rule holds for PNG, JPEG, TIFF and WebP alike, and so
 * that a decoder's own habits (TIFF yes, PNG no) cannot change a result.
 */

import type { Orientation } from './image.ts'

/** Whether this orientation exchanges width and height. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5
}

/** Any number from a file as an orientation; unknown values count as upright, as viewers do. */
export function toOrientation(value: number | undefined): Orientation {
  // The comparison bounds the value to the union's members.
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8
    ? (value as Orientation)
    : 1
}

/** `pixels` `[height, width, channels]` as stored, returned upright; the input itself if it already is. */
export function turnUpright<T extends Uint8Array | Uint16Array>(
  pixels: T,
  width: number,
  height: number,
  channels: number,
  orientation: Orientation,
): T {
  if (orientation === 1) return pixels
  // The constructor of a typed array makes its own kind.
  const upright = new (pixels.constructor as new (length: number) => T)(pixels.length)
  const outWidth = swapsSides(orientation) ? height : width
  const outHeight = swapsSides(orientation) ? width : height
  // Where the output's first pixel lies in the source, and how far one step right and one step down go.
  const { first, right, down } = stepsFor(orientation, width, height)
  let to = 0
  for (let y = 0; y < outHeight; y++) {
    let from = (first + y * down) * channels
    for (let x = 0; x < outWidth; x++) {
      for (let c = 0; c < channels; c++) upright[to++] = pixels[from + c]!
      from += right * channels
    }
  }
  return upright
}

function stepsFor(
  orientation: Orientation,
  w: number,
  h: number,
): { readonly first: number; readonly right: number; readonly down: number } {
  switch (orientation) {
    case 1:
      return { first: 0, right: 1, down: w }
    case 2: // mirrored left to right
      return { first: w - 1, right: -1, down: w }
    case 3: // half turn
      return { first: w * h - 1, right: -1, down: -w }
    case 4: // mirrored top to bottom
      return { first: w * (h - 1), right: 1, down: -w }
    case 5: // mirrored along the falling diagonal
      return { first: 0, right: w, down: 1 }
    case 6: // stored a quarter turn anticlockwise
      return { first: w * (h - 1), right: -w, down: 1 }
    case 7: // mirrored along the rising diagonal
      return { first: w * h - 1, right: -w, down: -1 }
    case 8: // stored a quarter turn clockwise
      return { first: w - 1, right: w, down: -1 }
    default:
      return orientation satisfies never
  }
}
