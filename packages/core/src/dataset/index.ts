/** Folders of pictures: what they mean, and what is odd about them. */
export type { Dataset, Ignored, Label, Product, ProductLayout, Sample, Split } from './dataset.ts'
export { describeDataset, type DescribeOptions, type DescribeProgress } from './describe.ts'
export type {
  DatasetDescription,
  Oddity,
  OddityCode,
  ProductCounts,
  ProductDescription,
  Size,
  SizeSummary,
} from './description.ts'
export { readMask } from './mask.ts'
export { findImages, type FindImagesOptions, type FoundImage, type FoundImages } from './find-images.ts'
export { compareNatural } from './natural-order.ts'
export { readDataset, type ReadDatasetOptions } from './read.ts'
