import { expect, test } from 'vitest'
import { auroc } from './auroc.ts'
import { bootstrap } from './bootstrap.ts'
import { createHistogramCounter } from './histogram.ts'
import { estimateIntervals, type IntervalImage } from './interval.ts'
import { rankScores } from './ranking.ts'
import { createDraw } from './testing/draw.ts'

const counter = createHistogramCounter()

function drawImages(count: number, shift: number): IntervalImage[] {
  const draw = createDraw(3)
  return Array.from({ length: count }, (_, i) => {
    const isDefect = i % 2 === 0
    const mask = Uint8Array.from({ length: 400 }, (_, p) => (isDefect && p < 30 ? 1 : 0))
    const map = Float32Array.from(mask, (inside) => draw() + shift * inside)
    // Scores tie, as those of binary maps do.
    const score = Math.round(20 * (draw() + (isDefect ? shift : 0))) / 20
    return { score, isDefect, histogram: counter.count(map, isDefect ? mask : null, 20, 20) }
  })
}

test('each draw has as many good and defect images as the test set', () => {
  const isDefect = [true, true, false, true, false]
  bootstrap(
    isDefect,
    (weights) => {
      const sum = (wanted: boolean): number =>
        weights.reduce((total, weight, i) => total + (isDefect[i] === wanted ? weight : 0), 0)
      expect([sum(true), sum(false)]).toEqual([3, 2])
      return []
    },
    { draws: 50 },
  )
})

test('the same seed gives the same interval, another seed another one', () => {
  const images = drawImages(30, 0.3)
  const measure = (seed: number) => estimateIntervals(images, { draws: 60, seed })
  expect(measure(1)).toEqual(measure(1))
  expect(measure(1)).not.toEqual(measure(2))
})

test('intervals hold the figure of the whole set and narrow with more images', () => {
  const widths = [40, 320].map((count) => {
    const images = drawImages(count, 0.2)
    const whole = auroc(
      rankScores(
        images.map(({ score }) => score),
        images.map(({ isDefect }) => isDefect),
      ),
    )!
    const { imageAuroc } = estimateIntervals(images, { draws: 100 })
    if (imageAuroc === null) throw new Error('no interval')
    expect(imageAuroc.low).toBeLessThan(whole)
    expect(imageAuroc.high).toBeGreaterThan(whole)
    return imageAuroc.high - imageAuroc.low
  })
  expect(widths[1]).toBeLessThan(widths[0]! / 1.5)
})

test('an interval is that of drawing the images one by one', () => {
  const images = drawImages(24, 0.2)
  const options = { draws: 100, seed: 4 }
  const [slow] = bootstrap(
    images.map(({ isDefect }) => isDefect),
    (weights) => {
      const drawn = images.flatMap((image, i) => Array.from({ length: weights[i]! }, () => image))
      return [
        auroc(
          rankScores(
            drawn.map(({ score }) => score),
            drawn.map(({ isDefect }) => isDefect),
          ),
        ),
      ]
    },
    options,
  )
  const { imageAuroc } = estimateIntervals(images, options)
  expect(imageAuroc?.low).toBeCloseTo(slow?.low ?? NaN, 12)
  expect(imageAuroc?.high).toBeCloseTo(slow?.high ?? NaN, 12)
})

test('all five are there for defects of both kinds, and none for good images alone', () => {
  const images = drawImages(20, 0.3)
  for (const interval of Object.values(estimateIntervals(images, { draws: 30 }))) {
    expect(interval).not.toBeNull()
    expect(interval!.low).toBeLessThanOrEqual(interval!.high)
  }
  const good = images.filter(({ isDefect }) => !isDefect)
  expect(Object.values(estimateIntervals(good, { draws: 30 }))).toEqual([null, null, null, null, null])
  const unmasked = images.map((image) => (image.isDefect ? { ...image, histogram: null } : image))
  const { imageAuroc, aupro30 } = estimateIntervals(unmasked, { draws: 30 })
  expect(imageAuroc).not.toBeNull()
  expect(aupro30).toBeNull()
})
