/** Refining a mask: by its own shape, and by the answers of a segmenter to its largest regions. */
export { type SegmentBox, largestBoxes } from './boxes.ts'
export { cleanMask, type CleanOptions, defaultCleaning } from './clean.ts'
export { combineSegments, type CombineOptions, defaultCombination } from './combine.ts'
