/** Binarisers: from an anomaly map to a mask, each saying what it had to see to decide. */
export {
  type AnomalyMap,
  type BinariserDefinition,
  type BinariserFit,
  fitBinariser,
  type Sight,
} from './binariser.ts'
export { binarisers, findBinariser } from './catalogue.ts'
export { hysteresis, type HysteresisOptions } from './hysteresis.ts'
export { manual, type ManualOptions } from './manual.ts'
export {
  findPublishedThreshold,
  findMebinThreshold,
  mebin,
  type MebinOptions,
  mebinPublished,
  type MebinPublishedState,
  type MebinState,
} from './mebin/index.ts'
export { quantile, type QuantileOptions, type QuantileState } from './quantile.ts'
export { sigmaPublished, type SigmaPublishedState } from './sigma-published.ts'
export { sigma, type SigmaOptions, type SigmaState } from './sigma.ts'
export { uniteBinarisers } from './unite.ts'
