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
  recipeSchema,
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
  type Evaluation,
  type MetricName,
  type Metrics,
} from './evaluation.ts'
