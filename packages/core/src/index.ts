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
export { trainPictures, type TrainedPictures, type TrainPicturesOptions } from './pipeline/train-pictures.ts'
export type { NamedPicture } from './pipeline/picture-source.ts'
export {
  evaluateModel,
  type Confusion,
  type EvaluateEvent,
  type EvaluateOptions,
  type EvaluateResult,
} from './pipeline/evaluate.ts'
export {
  recalibrateModel,
  type RecalibrateOptions,
  type RecalibratedProduct,
  type RecalibrateResult,
} from './pipeline/recalibrate.ts'
export {
  checkModel,
  type CheckedProvider,
  type CheckEvent,
  type CheckOptions,
  type CheckResult,
} from './pipeline/check.ts'
export { exportModel, type ExportEvent, type ExportOptions, type ExportResult } from './pipeline/export.ts'
export type { ProductSummary } from './pipeline/finish.ts'
export type { ImportResult } from './pipeline/import.ts'
export { importCras, type ImportCrasOptions } from './pipeline/import-cras.ts'
export { importRobis, type ImportRobisOptions } from './pipeline/import-robis.ts'
export { resolveRecipe, type RecipeOptions } from './pipeline/recipe.ts'
export { defaultMethod, type MethodChoice } from './pipeline/choose/index.ts'
export type {
  ImageErrorEvent,
  PlannedProduct,
  RunOptions,
  TrainEvent,
  TrainStage,
  WarningEvent,
} from './pipeline/options.ts'
export { openEmbedder, type Embedder } from './pipeline/embed.ts'
export { findWeightsCheck } from './pipeline/weights.ts'
export * from './pipeline/bench/index.ts'
export * from './pipeline/step/index.ts'
export { moveThreshold } from './model/index.ts'
export { version } from './version.ts'
export * from './backbone/index.ts'
export * from './binarise/index.ts'
export * from './dataset/index.ts'
export * from './experiment/index.ts'
export * from './image/index.ts'
export * from './metric/index.ts'
export * from './refine/mask/index.ts'
export * from './refine/sam/index.ts'
export * from './region/index.ts'
export * from './report/index.ts'
export * from './synthesise/index.ts'
export * from './tiling/index.ts'
export * from './weights/cache/index.ts'
export * from './weights/index.ts'
export { drawZones, readZones, type ZonePlane } from './zone/index.ts'
