/** Runs as rows and tables, and the published experiments with their figures. */
export { experiments, findExperiment } from './catalogue.ts'
export type { ModelPreset, Preset, PublishedLine, Setting, StepsPreset } from './preset.ts'
export {
  benchColumns,
  benchMetricNames,
  createRow,
  parseRows,
  printRows,
  rowKey,
  type BenchMetric,
  type BenchRow,
  type RunIdentity,
} from './row.ts'
export {
  medianOf,
  rowLabel,
  summariseRows,
  summaryColumns,
  type Spread,
  type SummaryCells,
  type SummaryColumn,
  type SummaryLine,
  type VariantSummary,
} from './summary.ts'
export { tabulateExperiment, type ExperimentLine, type ExperimentOutcome } from './table.ts'
