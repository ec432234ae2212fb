/** Pixels onto canvases. */
import type { ShownPicture } from '../worker/message.ts'

/** Makes the canvas as large as the picture and paints it. */
export function paint(canvas: HTMLCanvasElement, { width, height, pixels }: ShownPicture): void {
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0)
}

/** A small copy that fits into a square of `side` pixels. */
export function thumbnail(picture: ShownPicture, side = 160): HTMLCanvasElement {
  const full = document.createElement('canvas')
  paint(full, picture)
  const scale = Math.min(1, side / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')?.drawImage(full, 0, 0, canvas.width, canvas.height)
  return canvas
}
