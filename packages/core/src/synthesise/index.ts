/** Made-up parts with exact defect masks, for demos and tests. */
export { synthesiseDataset, type SynthesiseDatasetOptions, type SynthesisedDataset } from './dataset.ts'
export {
  defectsOf,
  type Part,
  type PartDefect,
  partDefects,
  type PartOptions,
  smallestPart,
  synthesisePart,
} from './part.ts'
export { type PartProduct, partProducts } from './product/index.ts'
