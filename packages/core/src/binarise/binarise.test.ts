import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import {
  type AnomalyMap,
  binarisers,
  findBinariser,
  fitBinariser,
  hysteresis,
  manual,
  mebinPublished,
  quantile,
  sigma,
  sigmaPublished,
  uniteBinarisers,
} from './index.ts'

function drawMap(stream: number, width = 40, height = 30): AnomalyMap {
  const values = new Float32Array(width * height)
  createRandom(7, stream).fillNormal(values, 2)
  return { width, height, values: values.map((value) => value + 5) }
}

const goodMaps = Array.from({ length: 6 }, (_, i) => drawMap(i))

test('every binariser is fitted on what it declares, and its state survives the JSON of a model card', async () => {
  const maps = goodMaps.map((map) => ({ ...map, values: map.values.map((value) => Math.round(value * 4)) }))
  for (const binariser of binarisers) {
    const state = await fitBinariser(binariser, maps, binariser.defaults)
    expect(state === null).toBe(binariser.sees === 'nothing')
    const stored: unknown = JSON.parse(JSON.stringify(state))
    expect(stored).toEqual(state)
    const mask = binariser.binarise(maps[0]!, stored, binariser.defaults)
    expect(mask.length).toBe(maps[0]!.values.length)
    expect(mask.every((value) => value === 0 || value === 255)).toBe(true)
    expect(findBinariser(binariser.id)).toBe(binariser)
  }
  expect(() => findBinariser('otsu')).toThrow('internal: there is no binariser "otsu"')
})

test('a fit on nothing is refused, not silently zero', async () => {
  for (const binariser of binarisers)
    if (binariser.sees !== 'nothing')
      await expect(fitBinariser(binariser, [], binariser.defaults)).rejects.toThrow('internal')
})

test('only the published binarisers see test maps', () => {
  expect(binarisers.filter(({ sees }) => sees === 'test').map(({ id }) => id)).toEqual([
    'mebin-published',
    'sigma-published',
  ])
})

test('sigma: streamed moments equal those of all pixels at once, also far from zero', async () => {
  const maps = goodMaps.map(({ width, height, values }) => ({
    width,
    height,
    values: values.map((value) => value + 30_000),
  }))
  const state = await fitBinariser(sigma, maps, sigma.defaults)
  const all = maps.flatMap(({ values }) => [...values])
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)
  expect(state?.mean).toBeCloseTo(mean, 8)
  expect(state?.deviation).toBeCloseTo(deviation, 8)
})

test('quantile of pixels: never below the exact one, and above it by less than 2^-12 of its size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
        minLength: 1,
        maxLength: 60,
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (list, share) => {
        const values = Float32Array.from(list)
        const state = await fitBinariser(quantile, [{ width: values.length, height: 1, values }], {
          of: 'pixels',
          quantile: share,
        })
        const exact = values.toSorted()[Math.max(0, Math.ceil(share * values.length) - 1)]!
        const threshold = state?.threshold ?? NaN
        expect(threshold).toBeGreaterThanOrEqual(exact)
        // Subnormal numbers lie closer together than any relative error.
        expect(threshold - exact).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 2 ** -12, 2 ** -137))
      },
    ),
    { numRuns: 25 },
  )
})

test('quantile of peaks: about the share asked for of other good images stay empty', async () => {
  const options = { of: 'peaks', quantile: 0.8 } as const
  const maps = Array.from({ length: 100 }, (_, i) => drawMap(i))
  const state = await fitBinariser(quantile, maps, options)
  const empty = Array.from({ length: 200 }, (_, i) => drawMap(1000 + i)).filter((map) =>
    quantile.binarise(map, state!, options).every((value) => value === 0),
  )
  expect(empty.length).toBeGreaterThan(130)
  expect(empty.length).toBeLessThan(190)
})

test('manual: the threshold itself is still good', () => {
  const map = { width: 3, height: 1, values: Float32Array.of(1, 2, 3) }
  expect([...manual.binarise(map, null, { threshold: 2 })]).toEqual([0, 0, 255])
  expect([...manual.binarise(map, null, manual.defaults)]).toEqual([0, 0, 0])
})

test('a union marks what any member marks, and owns up to the widest sight', async () => {
  const united = uniteBinarisers([manual, quantile])
  expect(united).toMatchObject({ id: 'manual+quantile', sees: 'good' })
  expect(uniteBinarisers([quantile, sigmaPublished, manual]).sees).toBe('test')
  const options = [{ threshold: 9 }, { of: 'pixels', quantile: 0.5 }]
  const states = await fitBinariser(united, goodMaps, options)
  const map = drawMap(50)
  const alone = await fitBinariser(quantile, goodMaps, { of: 'pixels', quantile: 0.5 })
  const [a, b] = [
    manual.binarise(map, null, { threshold: 9 }),
    quantile.binarise(map, alone!, { of: 'pixels', quantile: 0.5 }),
  ]
  expect(united.binarise(map, states!, options)).toEqual(a.map((value, i) => value | b[i]!))
})

test('published binarisers refuse maps that were never rounded to float16', async () => {
  const map = { width: 2, height: 1, values: Float32Array.of(1, 2.0001) }
  await expect(fitBinariser(mebinPublished, [map], null)).rejects.toThrow('internal: a published binariser')
  await expect(fitBinariser(sigmaPublished, [map], null)).rejects.toThrow('internal: a published binariser')
})

test('hysteresis marks a picture exactly when the high threshold does, and never less of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(999),
      (w, h, seed) => {
        const map = drawMap(seed, w, h)
        for (const [low, high] of [
          [4, 7],
          [7, 4],
          [5, 5],
        ] as const) {
          const mask = hysteresis.binarise(map, { threshold: low }, { high, quantile: 0.9 })
          const sure = manual.binarise(map, null, { threshold: high })
          const wide = manual.binarise(map, null, { threshold: Math.min(low, high) })
          expect(mask.some((v) => v !== 0)).toBe(sure.some((v) => v !== 0))
          for (let i = 0; i < mask.length; i++) {
            expect(mask[i]!).toBeGreaterThanOrEqual(sure[i]!)
            expect(mask[i]!).toBeLessThanOrEqual(wide[i]!)
          }
        }
      },
    ),
  )
})

test('hysteresis without a low threshold, as in files that never saw a good map, is the high one', () => {
  const [map] = goodMaps
  const mask = hysteresis.binarise(map!, null, { high: 6, quantile: 0.9 })
  expect(mask).toEqual(manual.binarise(map!, null, { threshold: 6 }))
})

test('hysteresis follows a crack over corners, and leaves out what is as strange but stands alone', () => {
  const rows = ['.......3', '.2......', '..2...2.', '...9....', '......2.', '2.......']
  const map: AnomalyMap = {
    width: 8,
    height: 6,
    values: Float32Array.from(rows.join(''), (c) => (c === '.' ? 0 : Number(c))),
  }
  const mask = hysteresis.binarise(map, { threshold: 1 }, { high: 5, quantile: 0.9 })
  const marked = [...mask].flatMap((v, i) => (v === 0 ? [] : [[i % 8, Math.floor(i / 8)]]))
  expect(marked).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
})
