/**
 * What the values in a product's masks stand for, by its `defects_config.json`: the truth that sPRO needs.
 *
 * MVTec LOCO AD paints each defect of an image into a mask of its own, with a value that names its kind. Kinds
 * differ in how much of the marked area has to be found before more of it counts no further.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, reasonOf } from '@assay/contract'

export interface DefectKind {
  readonly name: string
  /** From 1 to 255. */
  readonly maskValue: number
  readonly saturation: Saturation
}

export interface Saturation {
  /** A share of the marked area if `isRelative`, otherwise a number of pixels. */
  readonly threshold: number
  readonly isRelative: boolean
}

/** The file's name, directly below the product. */
export const defectKindFile = 'defects_config.json'

/**
 * Pixels of a marked area of `areaPx` that count as all of it: its share rounded down, or the fixed number of
 * pixels where the area is larger; one pixel at least, where the MVTec LOCO AD evaluation would divide by zero.
 */
export function saturatedArea({ threshold, isRelative }: Saturation, areaPx: number): number {
  // As in the MVTec LOCO AD evaluation, whose int() cuts the fraction off.
  return Math.max(1, isRelative ? Math.trunc(threshold * areaPx) : Math.min(threshold, areaPx))
}

/** The kinds of defects of the product at `folder`, by mask value; refuses a file of another form. */
export async function readDefectKinds(folder: string): Promise<DefectKind[]> {
  const path = join(folder, defectKindFile)
  const refuse = (reason: string, cause?: unknown): AssayError =>
    new AssayError('DATA_LIST_INVALID', { path, line: null, column: null, reason }, { cause })
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw refuse(reasonOf(error), error)
  }
  if (!Array.isArray(content)) throw refuse('it is no JSON list')
  const kinds = content.map((entry: unknown, i) => {
    const kind = toDefectKind(entry)
    if (kind === null)
      throw refuse(
        `entry ${i + 1} lacks one of defect_name, pixel_value (1 to 255), saturation_threshold (above 0) and relative_saturation (true or false)`,
      )
    return kind
  })
  const values = new Set(kinds.map((kind) => kind.maskValue))
  if (values.size < kinds.length) throw refuse('two entries have the same pixel_value')
  return kinds.sort((a, b) => a.maskValue - b.maskValue)
}

function toDefectKind(entry: unknown): DefectKind | null {
  if (typeof entry !== 'object' || entry === null) return null
  const fields = new Map(Object.entries(entry))
  const name: unknown = fields.get('defect_name')
  const maskValue: unknown = fields.get('pixel_value')
  const threshold: unknown = fields.get('saturation_threshold')
  const isRelative: unknown = fields.get('relative_saturation')
  if (typeof name !== 'string' || typeof isRelative !== 'boolean') return null
  if (typeof maskValue !== 'number' || !Number.isInteger(maskValue) || maskValue < 1 || maskValue > 255)
    return null
  if (typeof threshold !== 'number' || !(threshold > 0)) return null
  return { name, maskValue, saturation: { threshold, isRelative } }
}
