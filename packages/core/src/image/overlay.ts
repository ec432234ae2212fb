/**
 * Shows an anomaly map and a mask on the picture they belong to. Pure functions from arrays to pixels.
 *
 * Maps are calibrated (threshold at 0.5) and of the picture's size. The same value has the same colour
 * in every picture: a good part stays clean instead of glowing in its own noise.
 */

import { createHeatScale, stepOf } from './colour-scale.ts'
import { toRgb8 } from './colour.ts'
import { drawContour } from './contour.ts'
import type { ContourOptions } from './contour.ts'
import { requireLength } from './image.ts'
import type { Image, Uint8Image } from './image.ts'

export interface HeatMapOptions {
  /** Multiplies the opacity of the heat map: 0 shows none of it, 1 (default) all. */
  readonly strength?: number
}

export interface OverlayOptions extends HeatMapOptions {
  readonly contour?: ContourOptions
}

/** What lies over the picture; both have its size `[height, width]` and may be left out. */
export interface OverlayLayers {
  /** Calibrated map, 0 to 1 with the threshold at 0.5. NaN paints nothing. */
  readonly scores?: Float32Array
  /** Anything but 0 is inside. */
  readonly mask?: Uint8Array
}

/** The picture with the heat map blended over it and the mask outlined: RGB `[height, width, 3]`. */
export function drawOverlay(image: Image, layers: OverlayLayers, options: OverlayOptions = {}): Uint8Image {
  const { width, height, pixels } = toRgb8(image)
  const { scores, mask } = layers
  const heated = scores === undefined ? pixels : blendHeat(pixels, scores, width, height, options)
  const drawn = mask === undefined ? heated : drawContour(heated, mask, width, height, options.contour)
  return { width, height, channels: 3, depth: 8, pixels: drawn === image.pixels ? drawn.slice() : drawn }
}

/** The heat map alone, RGBA `[height, width, 4]`, to be laid over the picture elsewhere (a page, say). */
export function paintHeatMap(
  scores: Float32Array,
  w: number,
  h: number,
  options: HeatMapOptions = {},
): Uint8Array {
  requireLength('the map', scores.length, w, h, 1)
  const { strength = 1 } = options
  const { colours, opacities } = createHeatScale()
  const painted = new Uint8Array(w * h * 4)
  for (let i = 0; i < scores.length; i++) {
    const step = stepOf(scores[i]!)
    const alpha = Math.round(opacities[step]! * strength * 255)
    if (alpha === 0) continue
    painted[i * 4] = colours[step * 3]!
    painted[i * 4 + 1] = colours[step * 3 + 1]!
    painted[i * 4 + 2] = colours[step * 3 + 2]!
    painted[i * 4 + 3] = alpha
  }
  return painted
}

function blendHeat(
  pixels: Uint8Array,
  scores: Float32Array,
  w: number,
  h: number,
  options: HeatMapOptions,
): Uint8Array {
  requireLength('the map', scores.length, w, h, 1)
  const { strength = 1 } = options
  const { colours, opacities } = createHeatScale()
  const blended = new Uint8Array(pixels)
  for (let i = 0; i < scores.length; i++) {
    const step = stepOf(scores[i]!)
    const share = opacities[step]! * strength
    if (share === 0) continue
    for (let c = 0; c < 3; c++) {
      const under = pixels[i * 3 + c]!
      blended[i * 3 + c] = under + (colours[step * 3 + c]! - under) * share + 0.5
    }
  }
  return blended
}
