/** Reports: pure functions from data to HTML and SVG text. */
export { html, trusted, type Markup } from './markup.ts'
export { countOf, decimalsFor, formatCount, formatScore } from './number.ts'
export { scoreBar, type ScoreBar } from './score-bar.ts'
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
export { findingBadge, findingSymbols, findingWords, type Finding } from './verdict.ts'
