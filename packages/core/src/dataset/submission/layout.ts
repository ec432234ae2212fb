/**
 * What a submission to the MVTec AD 2 benchmark consists of, by the checker of its public code utils.
 *
 * <submission>/anomaly_images/<object>/test_private/000_regular.tiff ..., float16 maps, and the same with
 * 0/255 masks as .png under anomaly_images_thresholded; both for test_private_mixed too.
 */

/** Objects with the number of images in each of their two private test splits. */
export const submissionObjects: ReadonlyMap<string, number> = new Map([
  ['can', 321],
  ['fabric', 314],
  ['fruit_jelly', 255],
  ['rice', 277],
  ['sheet_metal', 142],
  ['vial', 276],
  ['wallplugs', 232],
  ['walnuts', 228],
])

export type SubmissionSplit = 'test_private' | 'test_private_mixed'
export const submissionSplits: readonly SubmissionSplit[] = ['test_private', 'test_private_mixed']

/** `maps`: continuous anomaly maps, required; `masks`: thresholded ones, optional. */
export type SubmissionKind = 'maps' | 'masks'

/** The folder of a kind, directly below the submission. */
export function submissionFolder(kind: SubmissionKind): string {
  return kind === 'maps' ? 'anomaly_images' : 'anomaly_images_thresholded'
}

/** The file name of the image with this number, counted from 0: `submissionFile('masks', 'test_private', 7)` is `007_regular.png`. */
export function submissionFile(kind: SubmissionKind, split: SubmissionSplit, index: number): string {
  const lighting = split === 'test_private' ? 'regular' : 'mixed'
  return `${String(index).padStart(3, '0')}_${lighting}.${kind === 'maps' ? 'tiff' : 'png'}`
}
