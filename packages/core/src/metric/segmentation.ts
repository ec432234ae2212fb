/**
 * How good the masks are at the threshold that was chosen beforehand: SegF1, IoU and ClassF1.
 *
 * SegF1 = 2 TP / (2 TP + FP + FN) and IoU = TP / (TP + FP + FN) over the pixels of all images of a product
 * pooled, as MVTec AD 2 defines SegF1 (arXiv 2509.17615): a good image can only add false alarms. A mean of
 * F1 per image is another number. ClassF1 is the same formula over images, an image being flagged when its
 * mask has any pixel; that the server of MVTec AD 2 derives it so is presumed, its code is not public. 0 / 0
 * (no defect anywhere and none found) is null. Streams: seven counts are all that is kept.
 */

export interface SegmentationMetrics {
  readonly segF1: number | null
  readonly iou: number | null
  readonly classF1: number | null
}

/** Counts of one or more images; add them up field by field to pool. */
export interface SegmentationCounts {
  readonly pixels: BinaryCounts
  readonly images: BinaryCounts
}

interface BinaryCounts {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
}

/**
 * Counts one image. `mask` is what was found and `truth` what is there, `[h, w]`, non-zero where defect;
 * `truth` null is a defect image without a mask, which counts for ClassF1 alone.
 */
export function countSegmentation(
  mask: Uint8Array,
  truth: Uint8Array | null,
  isDefect: boolean,
): SegmentationCounts {
  if (truth !== null && truth.length !== mask.length) {
    throw new Error(`internal: a mask of ${mask.length} pixels has a truth of ${truth.length}`)
  }
  let found = 0
  let marked = 0
  let both = 0
  for (let i = 0; i < mask.length; i++) {
    const isFound = mask[i] === 0 ? 0 : 1
    const isMarked = truth === null || truth[i] === 0 ? 0 : 1
    found += isFound
    marked += isMarked
    both += isFound & isMarked
  }
  const isFlagged = found > 0
  return {
    pixels: truth === null ? nothing : counts(both, found - both, marked - both),
    images: counts(
      Number(isDefect && isFlagged),
      Number(!isDefect && isFlagged),
      Number(isDefect && !isFlagged),
    ),
  }
}

/** The metrics of all images together. */
export function evaluateSegmentation(images: readonly SegmentationCounts[]): SegmentationMetrics {
  const pixels = pool(images.map((image) => image.pixels))
  const { truePositives, falsePositives, falseNegatives } = pixels
  const union = truePositives + falsePositives + falseNegatives
  return {
    segF1: f1(pixels),
    iou: union === 0 ? null : truePositives / union,
    classF1: f1(pool(images.map((image) => image.images))),
  }
}

const counts = (truePositives: number, falsePositives: number, falseNegatives: number): BinaryCounts => ({
  truePositives,
  falsePositives,
  falseNegatives,
})

const nothing = counts(0, 0, 0)

function pool(parts: readonly BinaryCounts[]): BinaryCounts {
  const sum = (key: keyof BinaryCounts): number => parts.reduce((total, part) => total + part[key], 0)
  return counts(sum('truePositives'), sum('falsePositives'), sum('falseNegatives'))
}

function f1({ truePositives, falsePositives, falseNegatives }: BinaryCounts): number | null {
  const total = 2 * truePositives + falsePositives + falseNegatives
  return total === 0 ? null : (2 * truePositives) / total
}
