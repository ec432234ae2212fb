import { expect, test } from 'vitest'
import more from '../../../../fixtures/golden/metric-more.json' with { type: 'json' }
import golden from '../../../../fixtures/golden/metric.json' with { type: 'json' }
import {
  aupro,
  auroc,
  averagePrecision,
  bootstrap,
  createAupimo,
  createPixelAccumulator,
  f1Max,
  partialAuroc,
  type PixelRanking,
  rankScores,
} from './index.ts'
import { createDraw, drawImages, quantise } from './testing/draw.ts'

// Sums of the same float64 terms in another order: a few units in the last place.
const digits = 12

for (const expected of golden.images) {
  const { n, seed, share, shift, levels } = expected
  test(`${n} images, seed ${seed}: AUROC, AP and F1-max are those of scikit-learn`, () => {
    const draw = createDraw(seed)
    const isDefect: boolean[] = []
    const scores = Array.from({ length: n }, (_, i) => {
      isDefect.push(draw() < share)
      const value = draw() + shift * (isDefect[i]! ? 1 : 0)
      return levels < 0 ? 0.25 : quantise(value, levels)
    })
    const ranking = rankScores(scores, isDefect)
    expect(auroc(ranking)).toBeCloseTo(expected.auroc, digits)
    expect(averagePrecision(ranking)).toBeCloseTo(expected.ap, digits)
    expect(f1Max(ranking)?.value).toBeCloseTo(expected.f1Max, digits)
  })
}

for (const expected of golden.pixels) {
  const { seed, sizes, boxes, shift, levels } = expected
  test(`pixels of ${sizes.length} maps, seed ${seed}: metrics are those of scikit-learn and the definition of AU-PRO`, () => {
    const draw = createDraw(seed)
    const pixels = createPixelAccumulator()
    sizes.forEach(([width = 0, height = 0], image) => {
      const mask = new Uint8Array(width * height)
      for (const [index, left = 0, top = 0, boxWidth = 0, boxHeight = 0] of boxes) {
        if (index !== image) continue
        for (let y = top; y < top + boxHeight; y++) {
          mask.fill(255, y * width + left, y * width + left + boxWidth)
        }
      }
      const map = Float32Array.from(mask, (inside) => quantise(draw() + shift * (inside > 0 ? 1 : 0), levels))
      pixels.add(map, mask, width, height)
    })
    const ranking = pixels.rank()
    expect(ranking.regions).toBe(expected.regions)
    expect(auroc(ranking)).toBeCloseTo(expected.auroc, digits)
    expect(averagePrecision(ranking)).toBeCloseTo(expected.ap, digits)
    expect(f1Max(ranking)?.value).toBeCloseTo(expected.f1Max, digits)
    aupro(ranking, golden.limits).forEach((value, k) => expect(value).toBeCloseTo(expected.aupro[k]!, digits))
  })
}

test('beyond 2^24 pixels false positive rates round to float32 as in the official evaluation', () => {
  const { falsePositives, overlap, regions, aupro: expected } = golden.curve
  const walk: PixelRanking['walk'] = (visit) =>
    falsePositives.forEach((fp, i) => visit(i, fp, -i, overlap[i]!))
  const ranking: PixelRanking = {
    positives: 100,
    negatives: falsePositives.at(-1)!,
    regions,
    walk,
    walkEvery: walk,
  }
  aupro(ranking, golden.limits).forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, digits))
  // The fixture tells the two roundings apart.
  expect(Math.abs(expected[0]! - golden.curve.auproFloat64[0]!)).toBeGreaterThan(1e-10)
})

test('reference labels and tied scores give the reference AUROC and AP', () => {
  // scikit-learn 1.9.1; u(n, a)[i] = ((i * a + 104729) mod 10007) / 10007.
  const u = (a: number, i: number): number => ((i * a + 104729) % 10007) / 10007
  const isDefect = Array.from({ length: 400 }, (_, i) => u(131, i) > 0.7)
  const scores = isDefect.map((defect, i) => roundHalfEven(u(577, i) * 50 + (defect ? 9 : 0)) / 50)
  const ranking = rankScores(scores, isDefect)
  expect(auroc(ranking)).toBeCloseTo(0.6590142313826524, digits)
  expect(averagePrecision(ranking)).toBeCloseTo(0.5018453531490057, digits)
  // Published with 1e-7 in the denominator: 0.49237469.
  expect(f1Max(ranking)?.value).toBeCloseTo(0.4923746903327807, 6)
})

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}

for (const expected of more.partial) {
  const { n, seed, share, shift, levels, limits } = expected
  test(`${n} images, seed ${seed}: AUROC up to a limit is that of scikit-learn when stretched by McClish`, () => {
    const draw = createDraw(seed)
    const isDefect: boolean[] = []
    const scores = Array.from({ length: n }, (_, i) => {
      isDefect.push(draw() < share)
      return quantise(draw() + shift * (isDefect[i]! ? 1 : 0), levels)
    })
    const ranking = rankScores(scores, isDefect)
    limits.forEach((limit, k) => {
      const stretched = partialAuroc(ranking, limit, 'mcclish')!
      expect(stretched).toBeCloseTo(expected.mcclish[k]!, digits)
      // The other normalisation is of the same area.
      const area = partialAuroc(ranking, limit, 'limit')! * limit
      const chance = (limit * limit) / 2
      if (limit < 1) expect(0.5 * (1 + (area - chance) / (limit - chance))).toBeCloseTo(stretched, digits)
    })
  })
}

for (const expected of more.aupimo) {
  const { seed, values, points } = expected
  test(`seed ${seed}: AUPIMO is that of anomalib for each image, or there is none for both`, () => {
    const images = drawImages(expected)
    const good = images.filter(({ mask }) => !mask.includes(255)).length
    const accumulator = createAupimo({ goodImages: good })
    for (const { map, mask } of images) accumulator.add(map, mask)
    const result = accumulator.evaluate()
    if (values === null) {
      expect(result).toHaveProperty('why')
      return
    }
    if ('why' in result) throw new Error(result.why)
    expect(result.points).toBe(points)
    expect(result.images).toHaveLength(values.length)
    result.images.forEach((value, i) => expect(value).toBeCloseTo(values[i]!, digits))
    expect(result.value).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, digits)
  })
}

test('an interval ends at the quantiles that numpy gives for the values of the draws', () => {
  const { values, confidence, intervals } = more.quantiles
  confidence.forEach((share, k) => {
    let draw = 0
    const [interval] = bootstrap([true, false], () => [values[draw++] ?? null], {
      draws: values.length,
      confidence: share,
    })
    expect(interval?.low).toBeCloseTo(intervals[k]![0]!, digits)
    expect(interval?.high).toBeCloseTo(intervals[k]![1]!, digits)
  })
})
