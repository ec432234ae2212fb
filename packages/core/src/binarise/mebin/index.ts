/** MEBin: a threshold per image, where the number of regions is stable (RoBiS, arXiv 2505.21152). */
export { findMebinThreshold, mebin, type MebinOptions, type MebinState } from './mebin.ts'
export { findPublishedThreshold, mebinPublished, type MebinPublishedState } from './published.ts'
