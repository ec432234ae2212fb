/** What lies over a picture: the heat map as pixels to be read and painted, and the mask as an outline. */
import { outlineMask, paintHeatMap } from '@assay/core/browser/drawing'

/** Calibrated scores in steps of 1/255; 0.5 is the threshold of the mask. */
export interface HeatMap {
  readonly width: number
  readonly height: number
  /** `[height, width]`, 0 to 255. */
  readonly grey: Uint8Array
  /** Of the map before it was made smaller for the screen: that of the picture. */
  readonly fullWidth: number
  readonly fullHeight: number
}

export interface Outline {
  /** Path data in pixels of the picture. */
  readonly path: string
  readonly width: number
  readonly height: number
}

const longestSide = 2048

export async function readHeatMap(png: Blob): Promise<HeatMap> {
  const { width, height, grey, fullWidth, fullHeight } = await readGrey(png, longestSide)
  return { width, height, grey, fullWidth, fullHeight }
}

/** Transparent where the part is as expected; the same colours as in the reports. */
export function paintHeat({ width, height, grey }: HeatMap): ImageData {
  const painted = paintHeatMap(
    Float32Array.from(grey, (v) => v / 255),
    width,
    height,
  )
  return new ImageData(new Uint8ClampedArray(painted), width, height)
}

export async function readOutline(png: Blob): Promise<Outline> {
  const { width, height, grey, fullWidth, fullHeight } = await readGrey(png, longestSide)
  const path = outlineMask(
    grey.map((v) => (v >= 128 ? 1 : 0)),
    width,
    height,
    { tolerancePx: 0.5 },
  )
  return width === fullWidth
    ? { path, width, height }
    : { path: scalePath(path, fullWidth / width), width: fullWidth, height: fullHeight }
}

function scalePath(path: string, factor: number): string {
  return path.replaceAll(/[\d.]+/g, (number) => (Number(number) * factor).toFixed(1))
}

async function readGrey(png: Blob, side: number): Promise<HeatMap> {
  const bitmap = await createImageBitmap(png, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })
  const { width: fullWidth, height: fullHeight } = bitmap
  const shrink = Math.min(1, side / Math.max(fullWidth, fullHeight))
  const width = Math.max(1, Math.round(fullWidth * shrink))
  const height = Math.max(1, Math.round(fullHeight * shrink))
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('The browser gives no canvas to draw on.')
  context.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  const grey = new Uint8Array(width * height)
  for (let i = 0; i < grey.length; i++) grey[i] = data[i * 4] ?? 0
  return { width, height, grey, fullWidth, fullHeight }
}
