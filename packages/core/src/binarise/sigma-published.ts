/**
 * Mean plus three standard deviations as RoBiS was published: over the split under test, with numpy 1's
 * arithmetic.
 *
 * Maps hold float16 values from 0 to 255. Both moments are those of float32 arrays, summed in numpy's
 * order: pairwise within runs of 8192 values, run after run. The threshold is computed in double and
 * rounded to float16, because numpy 1 compares a float16 array with a scalar in float16.
 */
import { roundToFloat16 } from '@assay/graph'
import { type AnomalyMap, type BinariserDefinition, maskAbove } from './binariser.ts'
import { erodeSparse } from './erosion.ts'
import { publishedErosion, requireFloat16 } from './published.ts'

export interface SigmaPublishedState {
  /** In the unit of the map, a float16 value. */
  readonly threshold: number
}

export const sigmaPublished: BinariserDefinition<null, SigmaPublishedState> = {
  id: 'sigma-published',
  sees: 'test',
  defaults: null,
  startFit: () => {
    // The deviation needs the mean first, so the maps are held, not copied.
    const maps: AnomalyMap[] = []
    return {
      add: (map) => {
        requireFloat16(map.values)
        maps.push(map)
      },
      finish: () => ({ threshold: findThreshold(maps) }),
    }
  },
  binarise: (map, { threshold }) =>
    erodeSparse(maskAbove(map.values, threshold), map.width, map.height, publishedErosion),
}

/** numpy sums buffers of so many values one after the other. */
const runLength = 8192

function findThreshold(maps: readonly AnomalyMap[]): number {
  const count = maps.reduce((sum, { values }) => sum + values.length, 0)
  if (count === 0) throw new Error('internal: no pixels to take the mean of')
  const shares = (run: Float32Array): void => {
    for (let i = 0; i < run.length; i++) run[i] = run[i]! / 255
  }
  const sum = sumMaps(maps, shares)
  // The mean of numpy.mean is rounded from double; numpy.std divides in float32.
  const mean = Math.fround(sum / count)
  const centre = Math.fround(sum / Math.fround(count))
  const squares = sumMaps(maps, (run) => {
    shares(run)
    for (let i = 0; i < run.length; i++) run[i] = run[i]! - centre
    for (let i = 0; i < run.length; i++) run[i] = run[i]! * run[i]!
  })
  const deviation = Math.fround(Math.sqrt(Math.fround(squares / count)))
  return roundToFloat16((mean + 3 * deviation) * 255)
}

/** The float32 sum over the pixels of all maps after `change`, as numpy adds up one long array. */
function sumMaps(maps: readonly AnomalyMap[], change: (run: Float32Array) => void): number {
  const run = new Float32Array(runLength)
  let filled = 0
  let total = 0
  for (const { values } of maps) {
    for (let start = 0; start < values.length;) {
      const part = values.subarray(start, start + runLength - filled)
      run.set(part, filled)
      start += part.length
      filled += part.length
      if (filled < runLength) break
      change(run)
      total = Math.fround(total + sumPairwise(run, 0, runLength))
      filled = 0
    }
  }
  change(run)
  return Math.fround(total + sumPairwise(run, 0, filled))
}

/** Splits in two as long as there are more than 128 values, which are added in eight interleaved sums. */
function sumPairwise(run: Float32Array, start: number, length: number): number {
  if (length > 128) {
    const half = (length >> 1) - ((length >> 1) % 8)
    return Math.fround(sumPairwise(run, start, half) + sumPairwise(run, start + half, length - half))
  }
  let i = start
  let sum = 0
  if (length >= 8) {
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (const end = start + length - (length % 8); i < end; i += 8) {
      a = Math.fround(a + run[i]!)
      b = Math.fround(b + run[i + 1]!)
      c = Math.fround(c + run[i + 2]!)
      d = Math.fround(d + run[i + 3]!)
      e = Math.fround(e + run[i + 4]!)
      f = Math.fround(f + run[i + 5]!)
      g = Math.fround(g + run[i + 6]!)
      h = Math.fround(h + run[i + 7]!)
    }
    const left = Math.fround(Math.fround(a + b) + Math.fround(c + d))
    sum = Math.fround(left + Math.fround(Math.fround(e + f) + Math.fround(g + h)))
  }
  for (; i < start + length; i++) sum = Math.fround(sum + run[i]!)
  return sum
}
