import type { Metrics } from '@assay/contract'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import golden from '../../../../fixtures/golden/metric-saturated.json' with { type: 'json' }
import {
  aupro,
  auspro,
  createDefectAccumulator,
  createPixelAccumulator,
  createTally,
  evaluateImages,
  evaluatePixels,
  evaluateSaturated,
  joinMetrics,
  meanMetrics,
  type SaturatedDefect,
} from './index.ts'
import { drawImages } from './testing/draw.ts'
import { anyPictures, type DrawnPicture } from './testing/picture.ts'

const limits = [0.01, 0.05, 0.1, 0.3, 1]

function measure(
  pictures: readonly (DrawnPicture & { readonly defects: readonly SaturatedDefect[] })[],
): (number | null)[] {
  const pixels = createPixelAccumulator()
  const defects = createDefectAccumulator()
  for (const { map, mask, width, height, defects: own } of pictures) {
    pixels.add(map, mask, width, height)
    defects.add(map, own)
  }
  return auspro(defects.sort(), [pixels.sort().outside], limits)
}

for (const expected of golden.cases) {
  const { seed, size, defects, kinds } = expected
  test(`seed ${seed}: AU-sPRO by kind and limit is that of the official evaluation at all thresholds`, () => {
    const boxes = defects.flatMap((defect) => defect.boxes.map((box) => [defect.image, ...box]))
    const [width = 0, height = 0] = size
    const images = drawImages({ ...expected, boxes })
    const tallies = new Map(kinds.map((kind) => [kind, createTally()]))
    images.forEach(({ map, mask }, image) => {
      const own = defects
        .filter((defect) => defect.image === image)
        .map((defect) => ({
          pixels: drawBoxes(defect.boxes, width, height),
          saturation: defect.saturation,
        }))
      tallies.get(kinds[image]!)!.add({
        name: String(image),
        score: Math.max(...map),
        isDefect: own.length > 0,
        map,
        mask: new Uint8Array(map.length),
        truth: mask,
        defects: own,
        width,
        height,
      })
    })
    const finished = new Map([...tallies].map(([kind, tally]) => [kind, tally.finish()]))
    const good = finished.get('good') ?? null
    finished.delete('good')
    const { kinds: measured } = evaluateSaturated(finished, good)
    for (const [kind, values] of Object.entries(expected.auspro)) {
      const { auspro01, auspro05, auspro10, auspro30, auspro100 } = measured[kind]!
      const actual = [auspro01, auspro05, auspro10, auspro30, auspro100]
      values.forEach((value, k) => expect(actual[k]).toBeCloseTo(value, 12))
    }
  })
}

function drawBoxes(boxes: readonly (readonly number[])[], width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height)
  for (const [left = 0, top = 0, w = 0, h = 0] of boxes) {
    for (let y = top; y < top + h; y++) pixels.fill(1, y * width + left, y * width + left + w)
  }
  return pixels
}

test('one pixel of a defect that saturates at one pixel finds it, and a piece of it far away is no defect of its own', () => {
  const mask = Uint8Array.of(255, 0, 0, 255)
  const picture = { width: 4, height: 1, map: Float32Array.of(9, 5, 4, 0), mask }
  // Both good pixels score less than the first piece.
  expect(measure([{ ...picture, defects: [{ pixels: mask, saturation: 1 }] }])).toEqual([1, 1, 1, 1, 1])
  expect(measure([{ ...picture, defects: [{ pixels: mask, saturation: 2 }] }])[4]).toBeCloseTo(0.5, 12)
})

test('a pixel that two defects share counts for both and never as a false alarm', () => {
  const map = Float32Array.of(9, 8, 7, 1)
  const mask = Uint8Array.of(255, 255, 255, 0)
  const defects = [Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 1, 1, 0)].map((pixels) => ({
    pixels,
    saturation: 1,
  }))
  expect(measure([{ width: 4, height: 1, map, mask, defects }])).toEqual([1, 1, 1, 1, 1])
})

test('with each region as a defect that saturates at its size, it is AU-PRO', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      // One region at most for each picture.
      const single = pictures.map((picture) => ({
        ...picture,
        mask: picture.mask.map((value, i) => (i === picture.mask.indexOf(255) ? value : 0)),
      }))
      const pixels = createPixelAccumulator()
      for (const { map, mask, width, height } of single) pixels.add(map, mask, width, height)
      const ranking = pixels.rank()
      const saturated = measure(
        single.map((picture) => ({
          ...picture,
          defects: picture.mask.includes(255) ? [{ pixels: picture.mask, saturation: 1 }] : [],
        })),
      )
      aupro(ranking, limits).forEach((value, k) => {
        if (value === null) expect(saturated[k]).toBeNull()
        // Rates of AU-PRO are float32.
        else expect(saturated[k]).toBeCloseTo(value, 5)
      })
    }),
  )
})

test('kinds without good images or masks have no figure and say why, and then the mean has none', () => {
  const tallyOne = (truth: Uint8Array | null, defects: readonly SaturatedDefect[]) => {
    const tally = createTally()
    const map = Float32Array.of(1, 0)
    const mask = new Uint8Array(2)
    tally.add({ name: 'a', score: 1, isDefect: true, map, mask, truth, defects, width: 2, height: 1 })
    return tally.finish()
  }
  const marked = Uint8Array.of(1, 0)
  const result = evaluateSaturated(
    new Map([
      ['logical_anomalies', tallyOne(marked, [{ pixels: marked, saturation: 1 }])],
      ['structural_anomalies', tallyOne(null, [])],
    ]),
    null,
  )
  expect(result.kinds['logical_anomalies']).toMatchObject({ images: 1, imageAuroc: null, auspro05: 1 })
  expect(result.kinds['structural_anomalies']).toMatchObject({ images: 1, auspro05: null })
  expect(Object.keys(result.kinds['structural_anomalies']?.why ?? {})).toEqual(['imageAuroc', 'auspro05'])
  expect(result).toMatchObject({ imageAuroc: null, auspro01: null, auspro05: null, auspro100: null })
})

test('the mean over products has the kinds that all of them have, and is none if a product has no kinds', () => {
  const values = {
    imageAuroc: 0.8,
    auspro01: 0.1,
    auspro05: 0.2,
    auspro10: 0.3,
    auspro30: 0.4,
    auspro100: 0.5,
  }
  const product = (kinds: Record<string, number>): Metrics => ({
    ...joinMetrics(evaluateImages([2, 1], [true, false]), evaluatePixels(null)),
    more: {
      segF1: 0.5,
      iou: 0.5,
      classF1: 0.5,
      auroc05: 0.5,
      auroc05Mcclish: 0.5,
      aupimo: null,
      saturated: {
        ...values,
        kinds: Object.fromEntries(
          Object.entries(kinds).map(([kind, auspro05]) => [kind, { images: 3, ...values, auspro05 }]),
        ),
      },
    },
  })
  const box = product({ logical_anomalies: 0.2, structural_anomalies: 0.4 })
  const { kinds, auspro05 } = meanMetrics({
    box,
    pins: product({ logical_anomalies: 0.6 }),
  }).more!.saturated!
  expect(auspro05).toBeCloseTo(0.2, 12)
  expect(Object.keys(kinds)).toEqual(['logical_anomalies'])
  expect(kinds['logical_anomalies']?.images).toBe(6)
  expect(kinds['logical_anomalies']?.auspro05).toBeCloseTo(0.4, 12)
  const { saturated: _, ...plain } = box.more!
  expect(meanMetrics({ box, pins: { ...box, more: plain } }).more?.saturated).toBeUndefined()
})
