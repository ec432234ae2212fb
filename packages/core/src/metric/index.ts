/** Metrics of an evaluation, image and pixel level, exact at every distinct score unless a name says otherwise. */
export { createAupimo, type Aupimo, type AupimoAccumulator, type AupimoOptions } from './aupimo.ts'
export { aupro } from './aupro.ts'
export { auroc } from './auroc.ts'
export { averagePrecision } from './average-precision.ts'
export { bootstrap, bootstrapDefaults, type BootstrapOptions, type Interval } from './bootstrap.ts'
export {
  evaluateImages,
  evaluatePixels,
  joinMetrics,
  meanMetrics,
  type ImageMetrics,
  type PixelMetrics,
} from './evaluate.ts'
export { evaluateSaturated } from './evaluate-saturated.ts'
export { f1Max, type BestF1 } from './f1-max.ts'
export {
  boundAreas,
  createHistogramCounter,
  createHistogramRanker,
  type HistogramCounter,
  type ImageHistogram,
} from './histogram.ts'
export { estimateIntervals, type EvaluationIntervals, type IntervalImage } from './interval.ts'
export { partialAuroc, type PartialNormalisation } from './partial-auroc.ts'
export { rankTogether, type PixelRanking, type SortedPixels } from './pixel-ranking.ts'
export { createPixelAccumulator, type PixelAccumulator } from './pixel.ts'
export * from './published/index.ts'
export { rankScores, type Ranking } from './ranking.ts'
export {
  auspro,
  createDefectAccumulator,
  type DefectAccumulator,
  type SaturatedDefect,
  type SortedDefects,
} from './saturated.ts'
export {
  countSegmentation,
  evaluateSegmentation,
  type SegmentationCounts,
  type SegmentationMetrics,
} from './segmentation.ts'
export {
  createTally,
  evaluateConditions,
  evaluateTallies,
  type FinishedTally,
  type Tally,
  type TalliedImage,
  type TallyMetrics,
} from './tally.ts'
