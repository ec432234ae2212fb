/** What the masks of a test image say is wrong with it, in its own pixels. */
import { AssayError } from '@assay/contract'
import type { Product, Sample } from './dataset.ts'
import { type DefectKind, defectKindFile, saturatedArea } from './defect-kind.ts'
import { type MaskedImage, readDefectAreas, uniteAreas } from './mask.ts'

export interface Truth {
  /** `[h, w]`, non-zero where defect: all zero for a good image, null for a defect image without a mask. */
  readonly mask: Uint8Array | null
  /** Pictures of the mask with more than two grey levels: every pixel that is not black counts as defect. */
  readonly greyMasks: readonly string[]
  /** Each defect on its own, with how many of its pixels count as all; empty where the product does not say. */
  readonly defects: readonly { readonly pixels: Uint8Array; readonly saturation: number }[]
}

/**
 * The truth of a labelled image. Refuses a mask of another size; in a product whose masks number the kinds of
 * defects also a mask with two numbers, or with one that the product does not explain. A defect that marks no
 * pixel is none.
 */
export async function readTruth(
  sample: Sample,
  { defectKinds, layout }: Pick<Product, 'defectKinds' | 'layout'>,
  size: Pick<MaskedImage, 'width' | 'height'>,
): Promise<Truth> {
  const { width, height } = size
  if (sample.label === 'good') return { mask: new Uint8Array(width * height), greyMasks: [], defects: [] }
  if (sample.maskPath === null) return { mask: null, greyMasks: [], defects: [] }
  const areas = await readDefectAreas(sample.maskPath, { name: sample.path, width, height })
  const mask = uniteAreas(areas)
  const greyMasks = areas.filter((area) => !area.isBinary).map((area) => area.path)
  // VisA numbers the kinds of defects in one mask.
  if (layout === 'visa') return { mask, greyMasks: [], defects: [] }
  if (defectKinds === null) return { mask, greyMasks, defects: [] }
  const kinds = new Map(defectKinds.map((kind) => [kind.maskValue, kind]))
  const defects = areas.flatMap(({ path, pixels, maskValue, isBinary }) => {
    if (maskValue === 0) return []
    const kind = kinds.get(maskValue)
    if (isBinary && kind !== undefined) return { pixels, saturation: saturationOf(kind, pixels) }
    const reason = isBinary
      ? `it holds the value ${maskValue}, which ${defectKindFile} does not explain`
      : `it holds ${maskValue} and other values, and a defect has one`
    throw new AssayError('DATA_MASK_MISMATCH', { path, image: sample.path, reason })
  })
  return { mask, greyMasks, defects }
}

function saturationOf({ saturation }: DefectKind, pixels: Uint8Array): number {
  return saturatedArea(
    saturation,
    pixels.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0),
  )
}
