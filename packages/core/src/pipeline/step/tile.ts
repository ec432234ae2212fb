/** From the file of a tile to what the encoder sees of it, as the reference prepares it. */
import type { InputPixels } from '../../feature/index.ts'
import { centreCrop, decodeImage, resizeBilinear, toRgb8, type Image } from '../../image/index.ts'
import { toImageError } from '../decode.ts'
import type { ImageErrorEvent } from '../options.ts'
import type { StepSettings } from './settings.ts'

/** Scaled to `input_size` both ways, changed, then the middle of it. */
export function prepareTile(
  tile: Image,
  { input_size: size, crop_size: side }: Pick<StepSettings, 'input_size' | 'crop_size'>,
  change: (pixels: Uint8Array) => Uint8Array = (pixels) => pixels,
): InputPixels {
  const scaled = change(resizeBilinear(toRgb8(tile).pixels, tile.width, tile.height, 3, size, size))
  return { height: side, width: side, pixels: centreCrop(scaled, size, size, 3, side, side) }
}

export interface DecodedTile {
  readonly file: string
  readonly image: Image
}

/** Reads and decodes one tile; what a user can mend becomes an event. */
export async function decodeTile(
  file: string,
  maxPixels: number | undefined,
): Promise<DecodedTile | ImageErrorEvent> {
  try {
    return { file, image: await decodeImage(file, maxPixels === undefined ? {} : { maxPixels }) }
  } catch (error) {
    return toImageError(file, error)
  }
}
