export { openExtractor, planFeatures, type InputPixels } from './extract.ts'
export {
  addPatchFeatures,
  addScaledFeatures,
  featureDimension,
  gridSize,
  toRows,
  type FeaturePlan,
} from './graph.ts'
export { planInputSize, prepareInput, type InputSize, type PreparedInput } from './input.ts'
export { createFeatureStore, type FeatureStore } from './store.ts'
export { addView } from './view.ts'
