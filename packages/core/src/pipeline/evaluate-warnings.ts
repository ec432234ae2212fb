/** What an evaluation says of data that it used by a rule of its own, or left out: how much, and which. */

/** Masks of the defect images of a product. */
export interface MaskCounts {
  readonly without: string[]
  readonly empty: string[]
  /** With more than two grey levels. */
  readonly grey: string[]
  read: number
}

/** One sentence for each thing that is odd about the masks; none where no image has a mask, for that is said. */
export function warnAboutMasks(product: string, masks: MaskCounts): string[] {
  const { without, empty, grey, read } = masks
  const images = without.length === 1 ? 'image' : 'images'
  return [
    ...(without.length > 0 && read > 0
      ? [
          `${without.length} defect ${images} of "${product}" without a mask: left out of the pixel metrics (${listSome(without)}).`,
        ]
      : []),
    ...(empty.length > 0
      ? [
          `${countMasks(empty)} of "${product}" black all over, though the image is a defect: all pixels count as good (${listSome(empty)}).`,
        ]
      : []),
    ...(grey.length > 0
      ? [
          `${countMasks(grey)} of "${product}" with more than two grey levels: every pixel that is not black counts as defect (${listSome(grey)}).`,
        ]
      : []),
  ]
}

export function warnAboutUntested(product: string): string {
  return `"${product}" has no test images with a label: it is left out, of the mean too.`
}

function countMasks(paths: readonly string[]): string {
  return `${paths.length} ${paths.length === 1 ? 'mask' : 'masks'}`
}

function listSome(paths: readonly string[]): string {
  const more = paths.length - 3
  return `${paths.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
