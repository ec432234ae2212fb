import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { aupro, averagePrecision, createPixelAccumulator, rankScores } from '../metric/index.ts'
import { createPixelCurves, proLimit } from './pixel-curve.ts'
import { precisionRecallChart, precisionRecallCurve, toSteps } from './precision-recall.ts'
import { squareChart, type CurvePoint } from './square-chart.ts'

/** Few different values, so that ties are common. */
const tiedScores = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 })

function areaOf(points: readonly CurvePoint[]): number {
  let area = 0
  for (const [i, point] of points.entries()) {
    const before = points[i - 1]
    if (before !== undefined) area += ((point.x - before.x) * (point.y + before.y)) / 2
  }
  return area
}

test('the area under the drawn precision-recall steps is the average precision', () => {
  fc.assert(
    fc.property(tiedScores, tiedScores, (good, defect) => {
      const ranking = rankScores([...good, ...defect], [...good.map(() => false), ...defect.map(() => true)])
      const steps = toSteps(precisionRecallCurve(good, defect))
      expect(steps[0]?.x).toBe(0)
      expect(steps.at(-1)?.x).toBe(1)
      expect(areaOf(steps)).toBeCloseTo(averagePrecision(ranking) ?? NaN, 10)
    }),
  )
})

test('without a defect there is a sentence instead of a curve', () => {
  expect(precisionRecallChart([1, 2], [], 1, 't').markup).toContain('needs good images and defects')
  expect(precisionRecallChart([], [1], 1, 't').markup).toContain('needs good images and defects')
  expect(precisionRecallChart([1], [2], 1, 't').markup).toContain('<svg')
})

/** Maps whose defects are a little stranger than the rest, with two regions in every other one. */
function createMaps() {
  const side = 24
  return Array.from({ length: 6 }, (_, n) => {
    const truth = new Uint8Array(side * side)
    if (n % 2 === 0)
      for (const [from, size] of [
        [3, 4],
        [13, 7],
      ] as const)
        for (let y = from; y < from + size; y++) truth.fill(255, y * side + from, y * side + from + size)
    const map = Float32Array.from(truth, (value, i) => {
      const noise = ((i * 7919 + n * 104_729) % 1009) / 1009
      return 1 + noise + (value === 0 ? 0 : 0.5)
    })
    return { map, truth: n % 2 === 0 ? truth : null, side }
  })
}

test('the areas under the drawn pixel curves are AU-PRO and pixel AP, as far as one can see', () => {
  const drawn = createPixelCurves()
  const exact = createPixelAccumulator()
  for (const { map, truth, side } of createMaps()) {
    drawn.add(map, truth, side, side)
    exact.add(map, truth, side, side)
  }
  const curves = drawn.curves()
  const ranking = exact.rank()
  expect(curves?.pro[0]).toEqual({ x: 0, y: 0 })
  expect(curves?.pro.at(-1)?.x).toBe(proLimit)
  const [expected] = aupro(ranking, [proLimit])
  expect(areaOf(curves?.pro ?? []) / proLimit).toBeCloseTo(expected ?? NaN, 2)
  const steps = toSteps(curves?.precisionRecall ?? [])
  expect(areaOf(steps)).toBeCloseTo(averagePrecision(ranking) ?? NaN, 2)
})

test('a curve of many pixels is drawn with few points', () => {
  const drawn = createPixelCurves()
  for (const { map, truth, side } of createMaps()) drawn.add(map, truth, side, side)
  expect(drawn.curves()?.pro.length).toBeLessThan(600)
})

test('without a mask there is nothing to draw', () => {
  const drawn = createPixelCurves()
  drawn.add(new Float32Array([1, 2]), null, 2, 1)
  expect(drawn.curves()).toBeNull()
})

test('a chart that ends at 0.3 says so on its axis and stays inside', () => {
  const curve = [
    { x: 0, y: 0 },
    { x: 0.3, y: 1 },
  ]
  const { markup } = squareChart({ curve, xMax: 0.3, xLabel: 'x', yLabel: 'y', words: '<words>' })
  expect(markup).toContain('30 %')
  expect(markup).toContain('&lt;words&gt;')
  const places = [...markup.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].flatMap((m) => [Number(m[1]), Number(m[2])])
  expect(Math.max(...places)).toBeLessThanOrEqual(250)
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0)
})
