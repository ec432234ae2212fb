/**
 * Whether the content of one file suits the benchmark: maps are 2-D float16, masks grey with 0 and 255 only.
 *
 * Follows what the official checker sees through tifffile and PIL, and is stricter with masks: it refuses
 * palettes, whose numbers are those of colours, other formats under the name of PNG, and files that are
 * cut. Sizes are not looked at; any is taken.
 */
import { AssayError } from '@assay/contract'
import { decodeFloatTiff, decodeImage, readFloatTiffHeader } from '../../image/index.ts'
import { toReason } from '../reason.ts'

export interface ContentFinding {
  /** To be put right before an upload; otherwise the server takes it and it is only worth knowing. */
  readonly isFault: boolean
  readonly problem: string
}

/** What is wrong with the bytes of a map file; null if nothing is. */
export function judgeMapFile(bytes: Uint8Array): ContentFinding | null {
  try {
    const { bits, channels, hasMore } = readFloatTiffHeader(bytes)
    if (bits !== 16) return fault(`has ${bits}-bit samples, not 16-bit floats`)
    if (channels !== 1) return fault(`has ${channels} channels, not one`)
    if (hasMore) return fault('has several pages, not one')
    const odd = decodeFloatTiff(bytes).plane.filter((value) => !Number.isFinite(value)).length
    // The official checker lets it pass; the metrics will not forgive it.
    return odd === 0 ? null : note(`holds ${odd} values that are not finite; beyond 65504 a half is infinite`)
  } catch (error) {
    const reason = toReason(error)
    const isForeign = error instanceof AssayError && error.code === 'IMAGE_UNSUPPORTED'
    if (!isForeign || reason.endsWith('not floats')) return fault(`cannot be used: ${reason}`)
    return note(`has the right kind, but its values could not be checked: ${reason}`)
  }
}

/** What is wrong with the bytes of a mask file; null if nothing is. */
export async function judgeMaskFile(bytes: Uint8Array): Promise<ContentFinding | null> {
  if (!pngSignature.every((byte, i) => bytes[i] === byte)) return fault('is no PNG file')
  const depth = bytes[24]
  const colourType = bytes[25]
  if (colourType !== greyType)
    return fault(`is stored as ${colourNames.get(colourType) ?? 'an unknown kind'}, not as grey`)
  try {
    const { pixels } = await decodeImage(bytes)
    if (depth === 1 && pixels.includes(255))
      return fault('has 1 bit per pixel, which reads as 0 and 1, not 0 and 255')
    const other = pixels.find((value) => value !== 0 && value !== 255)
    return other === undefined ? null : fault(`holds ${other}, not only 0 and 255`)
  } catch (error) {
    return fault(`cannot be used: ${toReason(error)}`)
  }
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const greyType = 0
const colourNames: ReadonlyMap<number | undefined, string> = new Map([
  [2, 'colour'],
  [3, 'a palette'],
  [4, 'grey with alpha'],
  [6, 'colour with alpha'],
])

function fault(problem: string): ContentFinding {
  return { isFault: true, problem }
}

function note(problem: string): ContentFinding {
  return { isFault: false, problem }
}
