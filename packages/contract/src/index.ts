export { AssayError, errorTable, reasonOf, type ErrorCode, type ErrorParams } from './error.ts'
export { suggest } from './suggest.ts'
export {
  defaultRecipe,
  mergeRecipe,
  methodNames,
  paperRecipe,
  parsePartialRecipe,
  profileNames,
  profiles,
  robisPaperRecipe,
  robisProfiles,
  recipeSchema,
  segmenterNames,
  type MethodName,
  type PartialRecipe,
  type ProfileName,
  type Recipe,
} from './recipe.ts'
export { cardSchema, cardVersion, type Card, type CardSample, type ProductCard } from './card.ts'
export { inspectionSchema, type Inspection, type Region, type Verdict } from './inspection.ts'
export {
  evaluationSchema,
  metricNames,
  moreMetricNames,
  type ConditionMetrics,
  type Evaluation,
  type Intervals,
  type MetricName,
  type Metrics,
  type MoreMetricName,
  type MoreMetrics,
} from './evaluation.ts'
