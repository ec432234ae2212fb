import { expect, test } from 'vitest'
import more from '../../../../../fixtures/golden/metric-more.json' with { type: 'json' }
import golden from '../../../../../fixtures/golden/metric-published.json' with { type: 'json' }
import { createPixelAccumulator } from '../pixel.ts'
import { drawImages } from '../testing/draw.ts'
import {
  createAdeval,
  createCrasAupro,
  inpFormerAupro,
  inpFormerF1Max,
  normaliseForRobis,
  robisAupro,
  robisF1Max,
} from './index.ts'
import { spaceThresholds } from './sampled-pro.ts'

// Sums of the same float64 terms in another order.
const digits = 11

/** As expected, or null on both sides. */
function expectValue(actual: number | null, expected: number | null): void {
  if (expected === null) expect(actual).toBeNull()
  else expect(actual).toBeCloseTo(expected, digits)
}

for (const expected of golden.cases) {
  const { seed, size, levels } = expected
  test(`seed ${seed}: the published variants give what the published code gives`, () => {
    // 1 stands for constant maps.
    const images = drawImages({ ...expected, levels: levels === 1 ? 0 : levels }).map(({ map, mask }) => ({
      map: levels === 1 ? map.fill(0.5) : map,
      mask,
    }))
    const [width = 0, height = 0] = size
    const scores = images.flatMap(({ map }) => [...map])
    const extremes = [Math.min(...scores), Math.max(...scores)] as const
    const exact = createPixelAccumulator()
    const normalised = createPixelAccumulator()
    const cras = createCrasAupro()
    images.forEach(({ map, mask }, image) => {
      exact.add(map, mask, width, height)
      normalised.add(normaliseForRobis(map, ...extremes), mask, width, height)
      cras.add(
        map,
        mask.some((value) => value > 0) ? soften(expected.boxes, image, width, height) : null,
        width,
        height,
      )
    })
    // The sum of grey mask values is float64 there and whole numbers here.
    expectValue(cras.evaluate(), expected.crasAupro)
    expectValue(inpFormerAupro(exact.rank()), expected.inpFormerAupro)
    expectValue(robisAupro(normalised.rank()), expected.robisAupro)
    expectValue(inpFormerF1Max(exact.rank()), expected.inpFormerF1Max)
    expectValue(robisF1Max(exact.rank()), expected.robisF1Max)
  })
}

/** The mask of a picture whose mask was resized: 255 inside, 128 along the edge of each box. */
function soften(
  boxes: readonly (readonly number[])[],
  image: number,
  width: number,
  height: number,
): Uint8Array {
  const mask = new Uint8Array(width * height)
  const fill = (value: number, left: number, top: number, w: number, h: number): void => {
    for (let y = top; y < top + h; y++) mask.fill(value, y * width + left, y * width + left + w)
  }
  for (const [index, left = 0, top = 0, w = 0, h = 0] of boxes) {
    if (index !== image) continue
    fill(128, left, top, w, h)
    fill(255, left + 1, top + 1, w - 2, h - 2)
  }
  return mask
}

test('there are 200 or 201 thresholds exactly where numpy makes so many', () => {
  for (const { low, high, open, closed, last, lastClosed } of golden.ranges) {
    const thresholds = spaceThresholds(low, high, high)
    expect([thresholds.length, thresholds.at(-1)]).toEqual([open, last])
    const withEnd = spaceThresholds(low, high, high + 1e-8)
    expect([withEnd.length, withEnd.at(-1)]).toEqual([closed, lastClosed])
  }
})

for (const expected of more.adeval) {
  test(`seed ${expected.seed}: binned metrics are those of adeval, its doubled maximum included`, () => {
    const images = drawImages(expected)
    const [width = 0, height = 0] = expected.size
    const scores = images.flatMap(({ map }) => [...map])
    const adeval = createAdeval(Math.min(...scores), Math.max(...scores))
    for (const { map, mask } of images) adeval.add(map, mask, width, height)
    const metrics = adeval.evaluate()
    expect(metrics?.pixelAuroc).toBeCloseTo(expected.pixelAuroc, digits)
    expect(metrics?.pixelAupr).toBeCloseTo(expected.pixelAupr, digits)
    expect(metrics?.aupro).toBeCloseTo(expected.aupro, digits)
  })
}

test('without a defect there is nothing to publish, and CRAS would print 0', () => {
  const pixels = createPixelAccumulator()
  const cras = createCrasAupro()
  const adeval = createAdeval(0, 1)
  const map = Float32Array.of(0, 0.25, 0.5, 1)
  pixels.add(map, null, 2, 2)
  cras.add(map, null, 2, 2)
  adeval.add(map, null, 2, 2)
  expect(inpFormerAupro(pixels.rank())).toBeNull()
  expect(robisAupro(pixels.rank())).toBeNull()
  expect(robisF1Max(pixels.rank())).toBeNull()
  expect(adeval.evaluate()).toBeNull()
  expect(cras.evaluate()).toBe(0)
  expect(() => createAdeval(1, 1)).toThrow('internal')
})
