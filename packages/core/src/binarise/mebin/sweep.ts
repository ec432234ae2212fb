/** The sweep of MEBin: regions of the eroded map at each of 64 thresholds. */
import type { AnomalyMap } from '../binariser.ts'
import { erodeSparse } from '../erosion.ts'
import { countComponents } from './count.ts'
import { toLevels } from './level.ts'

/** Thresholds in a sweep. */
export const sweepLength = 64

/**
 * For each threshold, from the last of the rising `cuts` to the first, the number of 8-connected
 * components of the map above it after erosion by a square. Eroding the levels once is the same as
 * eroding every mask.
 */
export function sweepComponents(map: AnomalyMap, cuts: Float64Array, erosionPx: number): Uint32Array {
  const { values, width, height } = map
  const levels = erodeSparse(toLevels(values, cuts), width, height, erosionPx)
  return countComponents(levels, width, height, cuts.length).reverse()
}
