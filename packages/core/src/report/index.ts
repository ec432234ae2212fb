/** Reports: pure functions from data to HTML and SVG text. */
export { outlineMask, type OutlineOptions } from './outline.ts'
export { colourLegend, type ColourAt } from './legend.ts'
export type { Pictures } from './picture.ts'
export type { PageLink } from './page.ts'
export {
  countFindings,
  findingOf,
  renderInspectionPage,
  type InspectionItem,
  type InspectionPage,
} from './inspection-page.ts'
export {
  renderEvaluationPage,
  type EvaluatedImage,
  type EvaluatedProduct,
  type EvaluationPage,
  type WorstImage,
} from './evaluation-page.ts'
export { renderBenchPage, type BenchPage } from './bench-page.ts'
export { createPixelCurves, type PixelCurveAccumulator, type PixelCurves } from './pixel-curve.ts'
export type { Finding } from './verdict.ts'
