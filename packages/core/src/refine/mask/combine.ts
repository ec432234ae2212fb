/**
 * From the answers of a segmenter to a refined mask.
 *
 * Pure functions on planes `[h, w]`, non-zero is foreground. The segmenter is asked with the boxes of
 * `largestBoxes`; a box may be answered with one mask or with several, whose union counts.
 */
import { fillHoles } from '../../region/index.ts'
import { findLargestRegions } from './boxes.ts'

export interface CombineOptions {
  /**
   * replace: the answers are the mask, and what had no box is gone (as published). unite: region by region,
   * an answer takes the place of its region if it is credible; other regions stay as they are.
   */
  readonly rule: 'replace' | 'unite'
  /** unite: at least this share of the answer lies in its region. It bounds growth: 1/3 is three times the area. */
  readonly insideShare: number
  /** unite: at least this share of the region lies in the answer. */
  readonly coveredShare: number
}

/**
 * An answer about the background or the whole part lies mostly outside the region; one about a speck
 * in it covers too little. Coarse masks are blurred and often too large, hence the mild second bound.
 */
export const defaultCombination: CombineOptions = { rule: 'unite', insideShare: 1 / 3, coveredShare: 0.25 }

/**
 * The refined mask, 0 or 255, holes filled. `answers[i]` holds the masks for the i-th of
 * `largestBoxes(coarse, width, height, answers.length)`. Without answers the rule 'replace' gives an
 * empty mask.
 */
export function combineSegments(
  coarse: Uint8Array,
  width: number,
  height: number,
  answers: readonly (readonly Uint8Array[])[],
  options: Partial<CombineOptions> = {},
): Uint8Array {
  const { rule, insideShare, coveredShare } = { ...defaultCombination, ...options }
  for (const mask of answers.flat())
    if (mask.length !== coarse.length)
      throw new Error(`internal: a segment of ${mask.length} pixels does not fit a mask of ${coarse.length}`)
  const segments = answers.map((masks) => uniteMasks(masks, coarse.length))
  if (rule === 'replace') return fillHoles(uniteMasks(segments, coarse.length), width, height)
  const { boxes, owners } = findLargestRegions(coarse, width, height, answers.length)
  if (boxes.length !== answers.length)
    throw new Error(`internal: ${answers.length} answers to the boxes of ${boxes.length} regions`)
  const refined: Uint8Array = coarse.map((value) => (value === 0 ? 0 : 255))
  const accepted = segments.filter((segment, i) => {
    const overlap = measureOverlap(segment, owners, i + 1)
    if (overlap.shared < insideShare * overlap.segment) return false
    if (overlap.shared === 0 || overlap.shared < coveredShare * overlap.region) return false
    for (let k = 0; k < owners.length; k++) if (owners[k] === i + 1) refined[k] = 0
    return true
  })
  return fillHoles(uniteMasks([refined, ...accepted], coarse.length), width, height)
}

/** 255 where any of the masks is not zero. */
function uniteMasks(masks: readonly Uint8Array[], length: number): Uint8Array {
  const united = new Uint8Array(length)
  for (const mask of masks) for (let i = 0; i < length; i++) if (mask[i] !== 0) united[i] = 255
  return united
}

/** Areas of a segment, of the region with this owner, and of what they share. */
function measureOverlap(
  segment: Uint8Array,
  owners: Uint8Array,
  owner: number,
): { readonly segment: number; readonly region: number; readonly shared: number } {
  const areas = { segment: 0, region: 0, shared: 0 }
  for (let i = 0; i < owners.length; i++) {
    if (segment[i] !== 0) areas.segment++
    if (owners[i] !== owner) continue
    areas.region++
    if (segment[i] !== 0) areas.shared++
  }
  return areas
}
