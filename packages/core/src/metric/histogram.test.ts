import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { aupro } from './aupro.ts'
import { auroc } from './auroc.ts'
import { averagePrecision } from './average-precision.ts'
import { boundAreas, createHistogramCounter, createHistogramRanker } from './histogram.ts'
import { createPixelAccumulator } from './pixel.ts'
import { createDraw } from './testing/draw.ts'
import { anyPictures, type DrawnPicture } from './testing/picture.ts'

const counter = createHistogramCounter()

function rankBoth(pictures: readonly DrawnPicture[], weights: readonly number[]) {
  const exact = createPixelAccumulator()
  pictures.forEach(({ map, mask, width, height }, i) => {
    for (let k = 0; k < (weights[i] ?? 0); k++) exact.add(map, mask, width, height)
  })
  const images = pictures.map(({ map, mask, width, height }) => counter.count(map, mask, width, height))
  return { exact: exact.rank(), binned: createHistogramRanker(images)(weights) }
}

test('scores that differ by more than a bin give the exact metrics, images counted as often as drawn', () => {
  fc.assert(
    fc.property(anyPictures, fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (pictures, weights) => {
      const { exact, binned } = rankBoth(pictures, weights)
      expect([binned.positives, binned.negatives, binned.regions]).toEqual([
        exact.positives,
        exact.negatives,
        exact.regions,
      ])
      const limits = [0.05, 0.3, 1]
      const expected = [auroc(exact), averagePrecision(exact), ...aupro(exact, limits)]
      const actual = [auroc(binned), averagePrecision(binned), ...aupro(binned, limits)]
      actual.forEach((value, i) => {
        if (expected[i] === null) expect(value).toBeNull()
        else expect(value).toBeCloseTo(expected[i]!, 12)
      })
    }),
    { numRuns: 40 },
  )
})

test('areas of dense scores stay within their bound, which is small and not zero', () => {
  const draw = createDraw(5)
  const pictures = Array.from({ length: 3 }, (_, k) => {
    const mask = Uint8Array.from({ length: 10000 }, (_, i) => (k > 0 && i % 100 < 9 && i < 2000 ? 1 : 0))
    // A narrow range far from zero, where bins are wide against it.
    const map = Float32Array.from(mask, (inside) => 5 + 0.2 * draw() + 0.1 * inside)
    return { width: 100, height: 100, map, mask }
  })
  const { exact, binned } = rankBoth(pictures, [1, 1, 1])
  for (const limit of [0.05, 0.3]) {
    const bound = boundAreas(binned, limit)
    expect(Math.abs(auroc(binned)! - auroc(exact)!)).toBeLessThanOrEqual(bound.auroc + 1e-12)
    // The exact figure keeps its rates in float32.
    expect(Math.abs(aupro(binned, [limit])[0]! - aupro(exact, [limit])[0]!)).toBeLessThanOrEqual(
      bound.aupro + 1e-6,
    )
    expect(bound.auroc).toBeGreaterThan(0)
    expect(bound.aupro).toBeLessThan(0.2)
  }
})

test('a histogram does not change when the next image is counted', () => {
  const first = counter.count(Float32Array.of(1, 2, 3, 4), Uint8Array.of(0, 0, 1, 1), 2, 2)
  const before = structuredClone(first)
  counter.count(Float32Array.of(3, 3, 3, 3), null, 2, 2)
  expect(first).toEqual(before)
  expect(first.regions).toBe(1)
})
