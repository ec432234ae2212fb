export { AssayError, errorTable, reasonOf, type ErrorCode, type ErrorParams } from './error.ts'
export { parseBench, type Bench } from './bench.ts'
export { formatRate, parseRate, roundRateUp } from './rate.ts'
export { suggest } from './suggest.ts'
export {
  defaultRecipe,
  mergeRecipe,
  methodNames,
  padimLayer,
  padimPaperRecipe,
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
} from './recipe/index.ts'
export {
  cardSchema,
  cardVersion,
  type Card,
  type CardExport,
  type CardParity,
  type CardSample,
  type ProductCard,
} from './card.ts'
export { choiceSchema, type Choice, type ChoiceCandidate } from './choice.ts'
export {
  inspectionSchema,
  type Inspection,
  type Region,
  type Verdict,
  type ZoneInspection,
} from './inspection.ts'
export { parseZonesFile, type Zone, type Zones, type ZoneShape, type ZonesFile } from './zone.ts'
export {
  evaluationSchema,
  metricNames,
  moreMetricNames,
  saturatedMetricNames,
  type ConditionMetrics,
  type Evaluation,
  type Intervals,
  type MetricName,
  type Metrics,
  type MoreMetricName,
  type MoreMetrics,
  type SaturatedMetricName,
  type SaturatedMetrics,
} from './evaluation.ts'
