/** Curves of an evaluation as a screen draws them: with no more points than pixels. */
import type { ApiEvaluation } from '@assay/contract/api'
import { createHistogramRanker, rankScores, type ImageHistogram } from '@assay/core'

type Curve = ApiEvaluation['curves']['roc']

/** ROC and precision over recall of the image scores; empty where a class is missing. */
export function drawScoreCurves(images: readonly { readonly score: number; readonly isDefect: boolean }[]): {
  readonly roc: Curve
  readonly pr: Curve
} {
  const ranking = rankScores(
    images.map((image) => image.score),
    images.map((image) => image.isDefect),
  )
  const { positives, negatives } = ranking
  if (positives === 0 || negatives === 0) return { roc: [], pr: [] }
  const roc: Curve = [[0, 0]]
  const pr: Curve = []
  ranking.walk((tp, fp) => {
    roc.push([fp / negatives, tp / positives])
    if (tp > 0) pr.push([tp / positives, tp / (tp + fp)])
  })
  return { roc: thin(roc), pr: thin(pr) }
}

/** Mean share of each defect that is found, over the share of good pixels that is called defect; null without masks. */
export function drawProCurve(images: readonly ImageHistogram[]): Curve | null {
  const ranking = createHistogramRanker(images)(images.map(() => 1))
  const { negatives, regions } = ranking
  if (regions === 0 || negatives === 0) return null
  const curve: Curve = [[0, 0]]
  ranking.walk((_tp, fp, _score, overlap) => {
    curve.push([fp / negatives, Math.min(1, overlap / regions)])
  })
  return thin(curve)
}

/** Leaves out points that are nearer than half a thousandth to the one kept before. */
function thin(curve: Curve): Curve {
  const step = 0.0005
  const kept: Curve = []
  for (const [i, point] of curve.entries()) {
    const before = kept.at(-1)
    const isFar =
      before === undefined || Math.abs(point[0] - before[0]) >= step || Math.abs(point[1] - before[1]) >= step
    if (isFar || i === curve.length - 1) kept.push(point)
  }
  return kept
}
