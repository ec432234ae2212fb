/** Metrics of an evaluation, image and pixel level, exact at every distinct score. */
export { aupro } from './aupro.ts'
export { auroc } from './auroc.ts'
export { averagePrecision } from './average-precision.ts'
export {
  evaluateImages,
  evaluatePixels,
  joinMetrics,
  meanMetrics,
  type ImageMetrics,
  type PixelMetrics,
} from './evaluate.ts'
export { f1Max, type BestF1 } from './f1-max.ts'
export { createPixelAccumulator, type PixelAccumulator, type PixelRanking } from './pixel.ts'
export { rankScores, type Ranking } from './ranking.ts'
