/** Assay as a library: from pictures to verdicts. */
export {
  openModel,
  type ImageInput,
  type InspectedImage,
  type InspectedItem,
  type InspectOptions,
  type Inspector,
} from './pipeline/inspect.ts'
export { trainModel, type TrainOptions, type TrainResult } from './pipeline/train.ts'
export {
  evaluateModel,
  type Confusion,
  type EvaluateEvent,
  type EvaluateOptions,
  type EvaluateResult,
} from './pipeline/evaluate.ts'
export { importCras, type ImportCrasOptions, type ImportResult } from './pipeline/import-cras.ts'
export { resolveRecipe, type RecipeOptions } from './pipeline/recipe.ts'
export { chooseMethod, type MethodChoice } from './pipeline/choose-method.ts'
export type {
  ImageErrorEvent,
  PlannedProduct,
  RunOptions,
  TrainEvent,
  TrainStage,
  WarningEvent,
} from './pipeline/options.ts'
export { findWeightsCheck } from './pipeline/weights.ts'
export { version } from './version.ts'
export * from './backbone/index.ts'
export * from './dataset/index.ts'
export * from './image/index.ts'
export * from './metric/index.ts'
export * from './region/index.ts'
export * from './report/index.ts'
export * from './synthesise/index.ts'
export * from './tiling/index.ts'
export * from './weights/index.ts'
