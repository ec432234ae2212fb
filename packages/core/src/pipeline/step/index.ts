/** RoBiS as published, one step at a time, from folder to folder in the reference's layout (docs/robis.md). */
export { binariseMaps } from './binarise.ts'
export { cropDataset } from './crop.ts'
export { type PublishedEncoder, publishedEncoders } from './encoder.ts'
export { evaluateMasks, type EvaluateStepResult, type StepMetrics } from './evaluate.ts'
export {
  stepNames,
  type ObjectResult,
  type Step,
  type StepEvent,
  type StepName,
  type StepOptions,
  type StepResult,
} from './event.ts'
export { mapTiles, type MapScale, type MapsStepOptions } from './maps.ts'
export { mergeMaps, type MergeStepOptions } from './merge.ts'
export { refineMasks, type RefineStepOptions } from './refine.ts'
export { parseStepSettings, stepKeys, type StepKey, type StepSettings } from './settings.ts'
export { submitMaps, type StepSubmission } from './submit.ts'
export { trainOnTiles, type TrainStepOptions } from './train.ts'
