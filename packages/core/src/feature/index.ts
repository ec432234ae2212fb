export { openExtractor, planFeatures, type Extractor, type InputPixels } from './extract.ts'
export {
  addPatchFeatures,
  addScaledFeatures,
  featureDimension,
  gridSize,
  toRows,
  type FeaturePlan,
} from './graph.ts'
export {
  countInputs,
  planInput,
  planWindows,
  prepareInput,
  prepareInputs,
  type InputGeometry,
  type InputSize,
  type PreparedInput,
} from './input.ts'
export { createFeatureStore, type FeatureStore } from './store.ts'
export { addView } from './view.ts'
