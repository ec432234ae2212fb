/**
 * The pixel curves of a product for drawing: per-region overlap over false positives, and precision over recall.
 *
 * Counted in bins of the score, so that memory follows the spread of the scores and not the number of pixels; a
 * picture of a curve needs no more. Figures are not taken from here.
 */
import { createHistogramCounter, type ImageHistogram } from '../metric/index.ts'
import type { CurvePoint } from './square-chart.ts'

export interface PixelCurves {
  /** x: share of the pixels outside defects; y: mean share of the regions; up to `proLimit` of x. */
  readonly pro: readonly CurvePoint[]
  /** x: share of the defect pixels; y: share of them among those found. */
  readonly precisionRecall: readonly CurvePoint[]
}

/** The limit of AU-PRO in most papers. */
export const proLimit = 0.3

export interface PixelCurveAccumulator {
  /** Takes in one image; `truth` is all zero or null for a good one. Leave out defects without a mask. */
  add(map: Float32Array, truth: Uint8Array | null, width: number, height: number): void
  /** Null without a region or without a pixel outside. */
  curves(): PixelCurves | null
}

interface Bin {
  outside: number
  inside: number
  overlap: number
}

export function createPixelCurves(counter = createHistogramCounter()): PixelCurveAccumulator {
  const bins = new Map<number, Bin>()
  let regions = 0
  return {
    add(map, truth, width, height) {
      const image = counter.count(map, truth, width, height)
      regions += image.regions
      addTo(bins, image)
    },
    curves: () => drawCurves(bins, regions),
  }
}

function addTo(bins: Map<number, Bin>, image: ImageHistogram): void {
  for (let i = 0; i < image.bins.length; i++) {
    const at = image.bins[i]!
    let bin = bins.get(at)
    if (bin === undefined) bins.set(at, (bin = { outside: 0, inside: 0, overlap: 0 }))
    bin.outside += image.outside[i]!
    bin.inside += image.inside[i]!
    bin.overlap += image.overlap[i]!
  }
}

function drawCurves(bins: ReadonlyMap<number, Bin>, regions: number): PixelCurves | null {
  const all = [...bins.values()]
  const positives = all.reduce((sum, bin) => sum + bin.inside, 0)
  const negatives = all.reduce((sum, bin) => sum + bin.outside, 0)
  if (regions === 0 || negatives === 0) return null
  const pro: CurvePoint[] = [{ x: 0, y: 0 }]
  const precisionRecall: CurvePoint[] = []
  let tp = 0
  let fp = 0
  let overlap = 0
  // Rising bins are falling scores.
  for (const [, bin] of [...bins].toSorted(([a], [b]) => a - b)) {
    tp += bin.inside
    fp += bin.outside
    overlap += bin.overlap
    pushCut(pro, { x: fp / negatives, y: Math.min(1, overlap / regions) })
    precisionRecall.push({ x: tp / positives, y: tp / (tp + fp) })
  }
  return { pro: thinOut(pro), precisionRecall: thinOut(precisionRecall) }
}

/** Adds a point, or where the line to it crosses the limit; nothing once that is reached. */
function pushCut(points: CurvePoint[], point: CurvePoint): void {
  const before = points.at(-1)!
  if (before.x >= proLimit) return
  if (point.x <= proLimit) points.push(point)
  else {
    const share = (proLimit - before.x) / (point.x - before.x)
    points.push({ x: proLimit, y: before.y + share * (point.y - before.y) })
  }
}

/** Drops what the eye cannot see: points nearer than a 400th to the one before. */
function thinOut(points: readonly CurvePoint[]): CurvePoint[] {
  const kept: CurvePoint[] = []
  for (const [i, point] of points.entries()) {
    const last = kept.at(-1)
    const isFar = last === undefined || Math.hypot(point.x - last.x, point.y - last.y) > 1 / 400
    if (isFar || i === points.length - 1) kept.push(point)
  }
  return kept
}
