import * as fc from 'fast-check'
import { AssayError } from '@assay/contract'
import { expect, test } from 'vitest'
import {
  aupro,
  auroc,
  averagePrecision,
  createPixelAccumulator,
  evaluateImages,
  evaluatePixels,
  f1Max,
  joinMetrics,
  meanMetrics,
  partialAuroc,
  type PixelRanking,
  rankScores,
} from './index.ts'
import { anyPictures, type DrawnPicture } from './testing/picture.ts'

const anyScores = fc
  .array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.boolean()), { minLength: 2, maxLength: 40 })
  .filter((samples) => new Set(samples.map(([, defect]) => defect)).size === 2)

function rank(
  pictures: readonly DrawnPicture[],
  change: (score: number) => number = (score) => score,
): PixelRanking {
  const pixels = createPixelAccumulator()
  for (const { map, mask, width, height } of pictures) pixels.add(map.map(change), mask, width, height)
  return pixels.rank()
}

const allMetrics = (ranking: PixelRanking): (number | null)[] => [
  auroc(ranking),
  averagePrecision(ranking),
  f1Max(ranking)?.value ?? null,
  ...aupro(ranking, [0.05, 0.3, 1]),
]

function expectClose(actual: readonly (number | null)[], expected: readonly (number | null)[]): void {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 12))
}

test('AUROC is the chance that a defect outranks a good image, ties counting half', () => {
  fc.assert(
    fc.property(anyScores, (samples) => {
      const defects = samples.filter(([, defect]) => defect)
      const good = samples.filter(([, defect]) => !defect)
      let wins = 0
      for (const [a] of defects) for (const [b] of good) wins += a > b ? 1 : a === b ? 0.5 : 0
      const ranking = rankScores(
        samples.map(([score]) => score),
        samples.map(([, defect]) => defect),
      )
      expect(auroc(ranking)).toBeCloseTo(wins / (defects.length * good.length), 12)
    }),
  )
})

test('F1-max is the best of trying every score as threshold, and its threshold reaches it', () => {
  fc.assert(
    fc.property(anyScores, (samples) => {
      const f1At = (threshold: number): number => {
        const hits = samples.filter(([score, defect]) => score >= threshold && defect).length
        const alarms = samples.filter(([score]) => score >= threshold).length
        return (2 * hits) / (alarms + samples.filter(([, defect]) => defect).length)
      }
      const best = f1Max(
        rankScores(
          samples.map(([score]) => score),
          samples.map(([, defect]) => defect),
        ),
      )
      expect(best?.value).toBeCloseTo(Math.max(...samples.map(([score]) => f1At(score))), 12)
      expect(f1At(best?.threshold ?? Number.NaN)).toBeCloseTo(best?.value ?? Number.NaN, 12)
    }),
  )
})

test('AU-PRO over the whole curve is the mean over regions of their AUROC against all good pixels', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      // Blank out all but single pixels, so that each pixel is a region and a closed form exists.
      const single = pictures.map((picture) => ({
        ...picture,
        mask: picture.mask.map((value, i) => (i === picture.mask.indexOf(255) ? value : 0)),
      }))
      const good = single.flatMap(({ map, mask }) => [...map].filter((_, i) => mask[i] === 0))
      const defects = single.flatMap(({ map, mask }) => [...map].filter((_, i) => mask[i] !== 0))
      fc.pre(good.length > 0 && defects.length > 0)
      let sum = 0
      for (const a of defects) for (const b of good) sum += a > b ? 1 : a === b ? 0.5 : 0
      const [whole] = aupro(rank(single), [1])
      // False positive rates are float32 by definition.
      expect(whole).toBeCloseTo(sum / good.length / defects.length, 6)
    }),
  )
})

test('a rising change of the maps changes no pixel metric', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      expectClose(
        allMetrics(rank(pictures, (score) => Math.exp(score) * 1e-20 - 3e-21)),
        allMetrics(rank(pictures)),
      )
    }),
  )
})

test('the order of images changes no pixel metric', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      expectClose(allMetrics(rank(pictures.toReversed())), allMetrics(rank(pictures)))
    }),
  )
})

test('pixel metrics equal image metrics of the pixels taken one by one', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      const scores = pictures.flatMap((picture) => [...picture.map])
      const isDefect = pictures.flatMap((picture) => Array.from(picture.mask, (value) => value > 0))
      const pixel = rank(pictures)
      const flat = rankScores(scores, isDefect)
      expectClose(
        [auroc(pixel), averagePrecision(pixel), f1Max(pixel)?.value ?? null, f1Max(pixel)?.threshold ?? null],
        [auroc(flat), averagePrecision(flat), f1Max(flat)?.value ?? null, f1Max(flat)?.threshold ?? null],
      )
    }),
  )
})

test('scores that only good pixels have may be left out of a walk without changing a metric', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      const corners = rank(pictures)
      const every = {
        ...corners,
        walk: (visit: Parameters<typeof corners.walkEvery>[0]) => corners.walkEvery(visit),
      }
      expectClose(
        [...allMetrics(corners), partialAuroc(corners, 0.2, 'limit'), f1Max(corners)!.threshold],
        [...allMetrics(every), partialAuroc(every, 0.2, 'limit'), f1Max(every)!.threshold],
      )
      const visits: { walk: string[]; every: string[] } = { walk: [], every: [] }
      corners.walk((...visit) => visits.walk.push(visit.slice(0, 3).join()))
      corners.walkEvery((...visit) => visits.every.push(visit.slice(0, 3).join()))
      expect(visits.every).toEqual(expect.arrayContaining(visits.walk))
      expect(visits.walk.at(-1)).toBe(visits.every.at(-1))
    }),
  )
})

test('minus zero and zero are one score', () => {
  const pixels = createPixelAccumulator()
  pixels.add(Float32Array.of(-0, 0, -0, 0), Uint8Array.of(1, 1, 0, 0), 2, 2)
  const visits: unknown[] = []
  pixels.rank().walk((tp, fp, score) => visits.push([tp, fp, score]))
  expect(visits).toEqual([[2, 2, 0]])
})

test('scores of every size and sign keep their order, down to the smallest subnormal', () => {
  const falling = [3.4e38, 1, 1e-38, 1e-45, 0, -1e-45, -1e-38, -1, -3.4e38].map(Math.fround)
  const pixels = createPixelAccumulator()
  pixels.add(
    Float32Array.from(falling.toReversed()),
    Uint8Array.from(falling, (_, i) => i % 2),
    9,
    1,
  )
  const seen: number[] = []
  pixels.rank().walk((_tp, _fp, score) => seen.push(score))
  expect(seen).toEqual(falling)
})

test('more pixels than a chunk holds are ranked whole', () => {
  const pixels = createPixelAccumulator()
  const width = 1500
  const map = new Float32Array(width * width)
  for (let i = 0; i < map.length; i++) map[i] = (i * 7919) % map.length
  const mask = map.map((value) => (value >= map.length - 1000 ? 1 : 0))
  pixels.add(map, Uint8Array.from(mask), width, width)
  pixels.add(map, null, width, width)
  const ranking = pixels.rank()
  expect([ranking.positives, ranking.negatives]).toEqual([1000, 2 * map.length - 1000])
  // Every defect score occurs once among good pixels and ties with it.
  expect(auroc(ranking)).toBeCloseTo(1 - 500 / (2 * map.length - 1000), 12)
})

test('a map that holds NaN or infinity is refused with its image and place', () => {
  const pixels = createPixelAccumulator()
  const add = (value: number): void =>
    pixels.add(Float32Array.of(0, 0, 0, 0, value, 0), null, 3, 2, 'test/good/7.png')
  expect(() => add(Number.NaN)).toThrow('The score of test/good/7.png at pixel (1, 1) is NaN.')
  expect(() => add(-Infinity)).toThrow('The score of test/good/7.png at pixel (1, 1) is -Infinity.')
  expect(() => rankScores([0, Number.NaN], [true, false], ['a.png', 'b.png'])).toThrow(AssayError)
})

test('a map of another size than its mask is refused', () => {
  const pixels = createPixelAccumulator()
  expect(() => pixels.add(new Float32Array(4), new Uint8Array(6), 2, 2)).toThrow('internal')
  expect(() => pixels.add(new Float32Array(4), null, 2, 3)).toThrow('internal')
})

test('a ranking is asked for once or twice with the same result, and takes no more maps', () => {
  const pixels = createPixelAccumulator()
  pixels.add(Float32Array.of(1, 0), Uint8Array.of(1, 0), 2, 1)
  expect(pixels.rank()).toBe(pixels.rank())
  expect(() => pixels.add(Float32Array.of(1), null, 1, 1)).toThrow('internal: a map was added after ranking')
})

test('an AU-PRO limit outside (0, 1] is refused', () => {
  const ranking = rank([{ width: 2, height: 1, map: Float32Array.of(1, 0), mask: Uint8Array.of(1, 0) }])
  for (const limit of [0, -0.1, 1.1, Number.NaN]) expect(() => aupro(ranking, [limit])).toThrow('internal')
})

test('metrics that the data cannot give are null and say why', () => {
  const goodOnly = evaluateImages([1, 2], [false, false])
  expect(goodOnly).toEqual({
    imageAuroc: null,
    imageAp: null,
    imageF1Max: null,
    why: {
      imageAuroc: 'there are no defect images',
      imageAp: 'there are no defect images',
      imageF1Max: 'there are no defect images',
    },
  })
  expect(evaluateImages([1], [true]).why?.imageAuroc).toBe('there are no good test images')
  expect(evaluateImages([], []).why?.imageAuroc).toBe('there are no test images')
  expect(evaluatePixels(null)).toMatchObject({ aupro30: null, why: { aupro30: 'there are no masks' } })
  const empty = createPixelAccumulator()
  empty.add(Float32Array.of(1, 2), null, 2, 1)
  expect(evaluatePixels(empty.rank()).why?.pixelAp).toBe('no mask marks a defect pixel')
})

test('perfect scores give 1 and never more, which the schema of an evaluation would refuse', () => {
  const scores = Array.from({ length: 97 }, (_, i) => i / 97)
  const images = evaluateImages(
    scores,
    scores.map((score) => score > 0.4),
  )
  expect(images).toEqual({ imageAuroc: 1, imageAp: 1, imageF1Max: 1 })
  for (const size of [3, 7, 49, 210]) {
    const pixels = createPixelAccumulator()
    const mask = Uint8Array.from({ length: 900 }, (_, i) => (i < size ? 1 : 0))
    pixels.add(Float32Array.from(mask), mask, 30, 30)
    const { aupro30, aupro05, ...others } = evaluatePixels(pixels.rank())
    expect(others).toEqual({ pixelAuroc: 1, pixelAp: 1, pixelF1Max: 1 })
    for (const value of [aupro30, aupro05]) {
      expect(value).toBeCloseTo(1, 12)
      expect(value).toBeLessThanOrEqual(1)
    }
  }
})

test('the mean over products weighs products equally and is null where one product has none', () => {
  const one = joinMetrics(evaluateImages([2, 1], [true, false]), evaluatePixels(null))
  const two = joinMetrics(evaluateImages([1, 2], [true, false]), evaluatePixels(null))
  const mean = meanMetrics({ cap: one, ring: two })
  expect(mean.imageAuroc).toBe(0.5)
  expect(mean.aupro30).toBeNull()
  expect(mean.why?.aupro30).toBe('cap, ring have none: there are no masks')
  expect(meanMetrics({}).why?.imageAuroc).toBe('there are no products')
})
