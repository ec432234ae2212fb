/** Scores to decisions: thresholds from good images, what they promise, calibrated scores, verdicts. */
export { setLimit, type Limit } from './limit.ts'
export { boundRate, imagesNeeded, usualConfidence } from './promise.ts'
export { poolingMove, toCalibrated, type Calibration } from './threshold.ts'
export { verdictOf } from './verdict.ts'
