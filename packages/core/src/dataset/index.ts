/** Folders of pictures: what they mean, and what is odd about them. */
export type { Dataset, Ignored, Label, LayoutName, Product, ProductLayout, Sample, Split } from './dataset.ts'
export { saturatedArea, type DefectKind, type Saturation } from './defect-kind.ts'
export {
  convertDataset,
  type Conversion,
  type ConvertedProduct,
  type ConvertOptions,
} from './convert/convert.ts'
export { describeDataset, type DescribeOptions, type DescribeProgress } from './describe.ts'
export type {
  DatasetDescription,
  Oddity,
  OddityCode,
  ProductCounts,
  ProductDescription,
  PublishedDescription,
  Size,
  SizeSummary,
} from './description.ts'
export { layouts } from './layout/catalogue.ts'
export type { Layout } from './layout/layout.ts'
export { readDefectAreas, readMask, type DefectArea, type MaskedImage } from './mask.ts'
export { findImages, type FindImagesOptions, type FoundImage, type FoundImages } from './find-images.ts'
export { compareNatural } from './natural-order.ts'
export { readDataset, type ReadDatasetOptions } from './read.ts'
export * from './submission/index.ts'
export { readTruth, type Truth } from './truth.ts'
