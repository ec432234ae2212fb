/**
 * Draws the outline of a mask: a bright line with a dark edge, both outside the mask.
 *
 * Outside, so that the smallest defect is framed and never painted over; two tones, so that the outline
 * shows on white parts as on black ones. A mask that runs out of the picture is open on that side.
 */

import { requireLength } from './image.ts'
import { dilate } from './morphology.ts'

export interface ContourOptions {
  /** Width of the bright line in pixels. By default one pixel per 800 of the longer side, at least 1. */
  readonly widthPx?: number
  /** Red, green, blue of the line: cyan, which the heat scale never uses. */
  readonly colour?: readonly [number, number, number]
  /** Red, green, blue of the edge. */
  readonly edge?: readonly [number, number, number]
}

/** A copy of RGB bytes `[h, w, 3]` with the outline of `mask` `[h, w]` (0 is outside) on it. */
export function drawContour(
  pixels: Uint8Array,
  mask: Uint8Array,
  w: number,
  h: number,
  options: ContourOptions = {},
): Uint8Array {
  requireLength('the picture', pixels.length, w, h, 3)
  requireLength('the mask', mask.length, w, h, 1)
  const { widthPx = Math.max(1, Math.round(Math.max(w, h) / 800)) } = options
  const { colour = [0, 229, 255], edge = [0, 0, 0] } = options
  const edgePx = Math.max(1, Math.round(widthPx / 2))
  const line = dilate(mask, w, h, 2 * widthPx + 1)
  const rim = dilate(line, w, h, 2 * edgePx + 1)
  const drawn = pixels.slice()
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 0 || rim[i] === 0) continue
    const tone = line[i] === 0 ? edge : colour
    drawn.set(tone, i * 3)
  }
  return drawn
}
