/** Made-up parts with exact defect masks, for demos and tests. */
export { synthesiseDataset, type SynthesiseDatasetOptions } from './dataset.ts'
export {
  type Part,
  type PartDefect,
  partDefects,
  type PartOptions,
  type PartProduct,
  partProducts,
  synthesisePart,
} from './part.ts'
