/**
 * Which part of a picture is seen. Several views can share one of these and so move together, whatever their sizes:
 * the centre is in shares of the picture, and the scale counts from the one at which all of it is seen.
 */
import { signal, type Signal } from '@preact/signals'

export interface Zoom {
  /** 1 shows all of the picture. */
  readonly scale: number
  /** Centre of the view, 0 to 1 of the picture's width and height. */
  readonly x: number
  readonly y: number
}

export const wholePicture: Zoom = { scale: 1, x: 0.5, y: 0.5 }
export const largestScale = 64

export const createZoom = (): Signal<Zoom> => signal(wholePicture)

/** Zooms by a factor so that a point, in shares of the picture, stays where it is. */
export function zoomAround(zoom: Zoom, factor: number, x: number, y: number): Zoom {
  const scale = Math.min(largestScale, Math.max(1, zoom.scale * factor))
  const k = zoom.scale / scale
  return keepInside({ scale, x: x + (zoom.x - x) * k, y: y + (zoom.y - y) * k })
}

/** The centre stays where at least half of the view is picture. */
export function keepInside({ scale, x, y }: Zoom): Zoom {
  if (scale <= 1) return wholePicture
  const clamp = (v: number): number => Math.min(1, Math.max(0, v))
  return { scale, x: clamp(x), y: clamp(y) }
}
