import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { axisTicks } from './axis.ts'
import { binCounts, histogramChart, histogramRange } from './histogram.ts'
import { colourLegend } from './legend.ts'
import { operatingPoint, rocChart, rocCurve } from './roc.ts'
import { barPlace, scoreBar } from './score-bar.ts'

const scores = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 })
/** Few different values, so that ties are common. */
const tiedScores = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 })

test('the area under the ROC curve is the share of pairs in the right order, ties by half', () => {
  fc.assert(
    fc.property(tiedScores, tiedScores, (good, defect) => {
      let area = 0
      const curve = rocCurve(good, defect)
      for (const [i, point] of curve.entries()) {
        const before = curve[i - 1]
        if (before !== undefined)
          area += ((point.falseAlarms - before.falseAlarms) * (point.found + before.found)) / 2
      }
      let pairs = 0
      for (const g of good) for (const d of defect) pairs += d > g ? 1 : d === g ? 0.5 : 0
      expect(area).toBeCloseTo(pairs / (good.length * defect.length), 10)
      expect(curve.at(-1)).toEqual({ falseAlarms: 1, found: 1 })
    }),
  )
})

test('the operating point lies on the curve', () => {
  fc.assert(
    fc.property(tiedScores, tiedScores, fc.integer({ min: -1, max: 6 }), (good, defect, threshold) => {
      expect(rocCurve(good, defect)).toContainEqual(operatingPoint(good, defect, threshold))
    }),
  )
})

test('a score at the threshold is not a defect, in the plot as in the verdict', () => {
  expect(operatingPoint([1, 2], [2, 3], 2)).toEqual({ falseAlarms: 0, found: 0.5 })
})

test('without defects there is a sentence instead of a curve', () => {
  expect(rocChart([1], [], 1, 'x').markup).toContain('needs good images and defects')
})

test('no image is lost between the bars', () => {
  fc.assert(
    fc.property(
      scores,
      scores,
      fc.double({ min: -100, max: 100, noNaN: true }),
      (good, defect, threshold) => {
        const { low, high } = histogramRange(good, defect, threshold)
        expect(high).toBeGreaterThan(low)
        const counts = binCounts(good, low, (high - low) / 40, 40)
        expect(counts.reduce((a, b) => a + b, 0)).toBe(good.length)
      },
    ),
  )
})

test('the threshold is always inside the histogram', () => {
  fc.assert(
    fc.property(
      scores,
      scores,
      fc.double({ min: -200, max: 200, noNaN: true }),
      (good, defect, threshold) => {
        const { low, high } = histogramRange(good, defect, threshold)
        expect(threshold).toBeGreaterThanOrEqual(low)
        expect(threshold).toBeLessThanOrEqual(high)
      },
    ),
  )
})

test('one glaring defect does not squeeze all good parts into one bar', () => {
  const good = Array.from({ length: 50 }, (_, i) => 1 + i / 100)
  const { low, high, gathered } = histogramRange(good, [900], 1.6)
  expect(gathered).toBe(true)
  const filled = binCounts(good, low, (high - low) / 40, 40).filter((n) => n > 0)
  expect(filled.length).toBeGreaterThan(5)
})

test('equal scores, a single image and no image at all still make a chart', () => {
  for (const [good, defect] of [
    [[1, 1], [1]],
    [[2], []],
    [[], []],
    [[NaN, 1], [Infinity]],
  ] as const) {
    const { markup } = histogramChart({ good, defect, threshold: 1, decimals: 2 }, 'chart')
    expect(markup).not.toMatch(/NaN|Infinity|undefined/)
  }
})

test('ticks are round, rising and inside the axis', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 2, max: 10 }),
      (low, width, wanted) => {
        const ticks = axisTicks(low, low + width, wanted)
        expect(ticks.length).toBeLessThanOrEqual(wanted + 1)
        for (const [i, tick] of ticks.entries()) {
          expect(tick).toBeGreaterThanOrEqual(low - width * 1e-6)
          expect(tick).toBeLessThanOrEqual(low + width * (1 + 1e-6))
          if (i > 0) expect(tick).toBeGreaterThan(ticks[i - 1]!)
        }
      },
    ),
  )
  expect(axisTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
})

test('the bar says in words what it shows', () => {
  const bar = scoreBar({ score: 3.2, threshold: 2, decimals: 2 }).markup
  expect(bar).toContain('aria-label="Score 3.20, above the threshold of 2.00"')
  expect(bar).toContain('x1="80.00"')
  expect(scoreBar({ score: 2, threshold: 2, decimals: 1 }).markup).toContain('below the threshold')
})

test('the bar crosses its middle exactly where the verdict changes, and never leaves its track', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(number, number, (score, threshold) => {
      const place = barPlace(score, threshold)
      expect(place).toBeGreaterThanOrEqual(0)
      expect(place).toBeLessThanOrEqual(100)
      if (score > threshold) expect(place).toBeGreaterThanOrEqual(50)
      else expect(place).toBeLessThanOrEqual(50)
    }),
  )
})

test('the legend takes its colours from the scale it is given, with the threshold in the middle', () => {
  const asked: number[] = []
  const { markup } = colourLegend((at) => {
    asked.push(at)
    return `rgb(${Math.round(at * 255)} 0 0)`
  })
  expect([asked[0], asked.at(-1)]).toEqual([0, 1])
  expect(asked).toContain(0.5)
  expect(markup).toContain('<stop offset="0.5" stop-color="rgb(128 0 0)" />')
  expect(markup).toContain('M160 6')
})
