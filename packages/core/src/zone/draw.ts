/** Draws zones faintly: what is not inspected is dimmed, and a thin line runs along the borders between zones. */
import type { Uint8Image } from '../image/index.ts'
import type { ZonePlane } from './plane.ts'

/** Brightness that is left of what is not inspected. */
const dimmed = 0.55
/** Share of white in a border. */
const faint = 0.45

/** A copy of an RGB picture. */
export function drawZones(image: Uint8Image, plane: ZonePlane): Uint8Image {
  const { width, height, channels } = image
  if (channels !== 3 || plane.length !== width * height)
    throw new Error(`internal: zones of ${plane.length} pixels do not fit a picture of ${width} x ${height}`)
  const pixels = new Uint8Array(image.pixels)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const label = plane[i]
      const isBorder = (x > 0 && plane[i - 1] !== label) || (y > 0 && plane[i - width] !== label)
      const [share, white] = isBorder ? [1 - faint, 255 * faint] : label === 0 ? [dimmed, 0] : [1, 0]
      if (share === 1) continue
      for (let c = 3 * i; c < 3 * i + 3; c++) pixels[c] = Math.round(pixels[c]! * share + white)
    }
  }
  return { ...image, pixels }
}
