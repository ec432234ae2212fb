/**
 * Opens a ground-truth mask: every pixel that is not black is defect, as in the MVTec evaluation.
 *
 * Grey edges of a resized or JPEG mask therefore count as defect; `describeDataset` reports them. A mask may be a
 * folder with one picture per defect, as in MVTec LOCO AD; together they are one mask.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import { decodeImage, type Image } from '../image/index.ts'
import { listFolder } from './listing.ts'

/** The image that a mask has to fit. */
export interface MaskedImage {
  readonly name: string
  readonly width: number
  readonly height: number
}

/** The marked area of one defect. */
export interface DefectArea {
  readonly path: string
  /** What the marked pixels hold: the `maskValue` of a `DefectKind`; that of the first if they differ. */
  readonly maskValue: number
  /** Whether all marked pixels hold that. */
  readonly isBinary: boolean
  /** `[h, w]`, 255 where it is marked. */
  readonly pixels: Uint8Array
}

/**
 * The mask at `path` as `[h, w]`, 255 where it is not black. Refuses one that has another size than its
 * image; it is never resized, because a shifted mask would blame the model.
 */
export async function readMask(path: string, image: MaskedImage): Promise<Uint8Array> {
  return uniteAreas(await readDefectAreas(path, image))
}

/** One mask of one or more areas, `[h, w]`, 255 where any of them is. */
export function uniteAreas([first, ...more]: readonly DefectArea[]): Uint8Array {
  if (first === undefined) throw new Error('internal: a mask has no areas')
  const mask = first.pixels.slice()
  for (const { pixels } of more) {
    for (let i = 0; i < pixels.length; i++) if (pixels[i] !== 0) mask[i] = 255
  }
  return mask
}

/**
 * The defects that the mask at `path` marks, each with its own area: one for a picture, one per picture for a
 * folder. An area need not be connected. Refuses masks as `readMask` does.
 */
export async function readDefectAreas(path: string, image: MaskedImage): Promise<DefectArea[]> {
  const areas: DefectArea[] = []
  for (const file of await listMaskFiles(path)) {
    const mask = await decodeImage(file)
    if (mask.width !== image.width || mask.height !== image.height) {
      const reason = `it has ${mask.width} x ${mask.height} pixels, the image ${image.width} x ${image.height}`
      throw new AssayError('DATA_MASK_MISMATCH', { path: file, image: image.name, reason })
    }
    const pixels = Uint8Array.from(largestChannel(mask), (value) => (value === 0 ? 0 : 255))
    const { maskValue, isBinary } = judgeMask(mask)
    areas.push({ path: file, maskValue, isBinary, pixels })
  }
  if (areas.length === 0) {
    throw new AssayError('DATA_MASK_MISMATCH', {
      path,
      image: image.name,
      reason: 'the folder holds no images',
    })
  }
  return areas
}

/** The pictures of a mask: itself, or those in its folder. */
export async function listMaskFiles(path: string): Promise<string[]> {
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() === true
  return isFolder ? (await listFolder(path)).images.map((name) => join(path, name)) : [path]
}

export interface MaskJudgement {
  /** All black. */
  readonly isEmpty: boolean
  /** Black and one other value at most, as a mask should be. */
  readonly isBinary: boolean
  /** The value that is not black, the first in reading order; 0 if all is black. */
  readonly maskValue: number
}

export function judgeMask(mask: Image): MaskJudgement {
  let first = 0
  for (const value of largestChannel(mask)) {
    if (value === 0 || value === first) continue
    if (first !== 0) return { isEmpty: false, isBinary: false, maskValue: first }
    first = value
  }
  return { isEmpty: first === 0, isBinary: true, maskValue: first }
}

/** `[h, w]` of the largest sample of each pixel, so that a mask painted in red is one too. */
function largestChannel(mask: Image): Uint8Array | Uint16Array {
  const { width, height, channels, pixels } = mask
  if (channels === 1) return pixels
  const largest = new Uint16Array(width * height)
  for (let i = 0, p = 0; i < largest.length; i++, p += 3) {
    largest[i] = Math.max(pixels[p]!, pixels[p + 1]!, pixels[p + 2]!)
  }
  return largest
}
