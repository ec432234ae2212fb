import { readFile, readdir } from 'node:fs/promises'
import type { Card, Zones } from '@assay/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setLimit } from '../calibrate/index.ts'
import type { Uint8Image } from '../image/index.ts'
import { readModelFile } from '../model/index.ts'
import { openSession } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { writePictures } from '../testing/picture-folder.ts'
import { drawNoisePicture, drawPicture } from '../testing/picture.ts'
import { tinyModelBytes, tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { openModel } from './inspect.ts'
import { recalibrateModel, type RecalibrateOptions } from './recalibrate.ts'

const one = await trainTinyModel()
const two = await trainTinyModel({ products: 2 })
const { width, height } = tinySize
const threads = { threads: 1 }
const images = 6

let data: TestFolder
/** Files of good pictures, plain in a folder of their own. */
let good: readonly string[]
beforeAll(async () => {
  data = await createTestFolder()
  const draw = (kind: number, i: number): Uint8Image => drawPicture({ width, height, seed: 40 + i, kind })
  const named = (folder: string, kind: number): Record<string, Uint8Image> =>
    Object.fromEntries(Array.from({ length: images }, (_, i) => [`${folder}/${i}.png`, draw(kind, i)]))
  good = await writePictures(data, named('good', 0))
  await writePictures(data, named('both/product 0', 0))
  await writePictures(data, named('both/product 1', 1))
  await writePictures(data, named('labelled/good', 0))
  await writePictures(data, { 'labelled/scar/0.png': scarred('left'), 'labelled/scar/1.png': draw(0, 90) })
})
afterAll(() => data[Symbol.asyncDispose]())

/** A good picture with noise at one side. Features reach over some 30 pixels. */
function scarred(side: 'left' | 'right'): Uint8Image {
  const picture = drawPicture({ width, height, seed: 70, kind: 0 })
  const noise = drawNoisePicture(width, height, 5)
  const pixels = picture.pixels.map((v, i) => {
    const x = Math.floor(i / 3) % width
    const isThere = side === 'left' ? x < 12 : x >= 84
    return isThere ? (noise.pixels[i] ?? 0) : v
  })
  return { ...picture, pixels }
}

async function calibrated(options: Partial<RecalibrateOptions> = {}, bytes = tinyModelBytes(one)) {
  await using folder = await createTestFolder()
  const model = await folder.write('model.onnx', bytes)
  const run = recalibrateModel({ model, data: data.at('good'), ...threads, ...options })
  const { result, events } = await drain(run)
  const file = await readModelFile(result.model)
  return { result, events, bytes: file.bytes, card: file.card }
}

const half = (side: 'left' | 'right', more: Partial<Zones['zones'][number]> = {}): Zones['zones'][number] => {
  const [from, to] = side === 'left' ? [0, 0.5] : [0.5, 1]
  return {
    name: side,
    kind: 'inspect',
    shape: {
      kind: 'polygon',
      unit: 'relative',
      corners: [
        [from, 0],
        [to, 0],
        [to, 1],
        [from, 1],
      ],
    },
    ...more,
  }
}

test('the thresholds are those of the pictures given, and the earlier ones are kept', async () => {
  const { result, bytes, card, events } = await calibrated({ aims: { falseAlarms: 0.3, falseMasks: 0.4 } })
  await using model = await openModel(bytes, threads)
  const scores: number[] = []
  const peaks: number[] = []
  for (const file of good) {
    const { record, map } = await model.inspect(file)
    scores.push(record.score ?? NaN)
    peaks.push(Math.max(...map))
  }
  const aim = { unsure: null, confidence: 0.95, isKept: false }
  const image = setLimit(scores, [], { rate: 0.3, ...aim })
  const pixel = setLimit(peaks, [], { rate: 0.4, ...aim })
  const [product] = card.products
  expect(product).toMatchObject({
    image: { threshold: image.threshold, scale: image.scale },
    pixel: { threshold: pixel.threshold, scale: pixel.scale },
    promised: { falseAlarms: image.promised, falseMasks: pixel.promised, confidence: 0.95 },
    falseAlarms: 0.3,
    aims: { falseMasks: 0.4, unsure: null, confidence: 0 },
    heldOutImages: images,
    heldOutAbove: scores.filter((s) => s > image.threshold).length,
    history: [{ image: { threshold: 1, scale: 0.5 }, falseAlarms: 0.05, heldOutImages: 1, zones: [] }],
  })
  expect(result.products).toMatchObject([
    { before: 1, threshold: image.threshold, heldOut: images, defects: null },
  ])
  expect(events.flatMap((e) => (e.type === 'warning' ? [e.message] : []))[0]).toContain(
    `${images} good images of "product 0" can promise`,
  )
  await using session = await openSession(bytes, testDevice, 'the model')
  const { pixels } = drawPicture({ width, height, seed: 1 })
  const outputs = await session.run({ image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels } })
  const score = Number(outputs['score']?.data[0])
  expect(Number(outputs['calibrated']?.data[0])).toBeCloseTo(
    1 / (1 + Math.exp((image.threshold - score) / image.scale)),
    4,
  )
})

test('what is not asked for stays as the last calibration had it', async () => {
  const first = await calibrated({ aims: { falseAlarms: 0.1, unsure: 0.4, confidence: 0.5 } })
  const second = await calibrated({ aims: { falseMasks: 0.25 } }, first.bytes)
  expect(second.card.products[0]).toMatchObject({
    falseAlarms: 0.1,
    aims: { falseMasks: 0.25, unsure: 0.4, confidence: 0.5 },
    image: first.card.products[0]?.image,
    unsure: first.card.products[0]?.unsure,
  })
  expect(second.card.products[0]?.history.map((h) => h.heldOutImages)).toEqual([1, images])
  const third = await calibrated({ aims: { unsure: null } }, second.bytes)
  expect(third.card.products[0]?.unsure).toBeNull()
})

test('the same pictures give the same bytes, without a date or a path', async () => {
  const [a, b] = [await calibrated(), await calibrated()]
  expect(Buffer.compare(a.bytes, b.bytes)).toBe(0)
  expect(JSON.stringify(a.card)).not.toContain(data.path)
})

test('with an unsure band there are three verdicts, and the record says where it begins', async () => {
  const { bytes, card } = await calibrated({ aims: { falseAlarms: 0.01, unsure: 0.5 } })
  const { unsure, image } = card.products[0] ?? { unsure: null, image: { threshold: NaN } }
  expect(unsure).toBeLessThan(image.threshold)
  await using model = await openModel(bytes, threads)
  const records = await Promise.all(good.map(async (file) => (await model.inspect(file)).record))
  for (const { score, verdict } of records)
    expect(verdict).toBe((score ?? NaN) > (unsure ?? NaN) ? 'unsure' : 'good')
  expect(new Set(records.map((r) => r.verdict))).toEqual(new Set(['good', 'unsure']))
  expect(records[0]).toMatchObject({ unsure, threshold: image.threshold })
  expect((await model.inspect(scarred('left'))).record.verdict).toBe('defect')
})

test('a band that begins above the threshold is refused before anything is judged', async () => {
  await expect(calibrated({ aims: { falseAlarms: 0.2, unsure: 0.1 } })).rejects.toMatchObject({
    code: 'RECIPE_VALUE_INVALID',
  })
})

test('of several products only those that are named or in the folder change', async () => {
  const bytes = tinyModelBytes(two)
  const before = (await readModelFile(bytes)).card.products
  const named = await calibrated({ products: ['product 1'], data: data.at('both/product 1') }, bytes)
  expect(named.card.products[0]).toEqual(before[0])
  expect(named.card.products[1]).toMatchObject({ heldOutImages: images, history: [{ heldOutImages: 1 }] })
  const both = await calibrated({ data: data.at('both') }, bytes)
  expect(both.card.products.map((p) => p.heldOutImages)).toEqual([images, images])
  // Each product is judged as itself, whatever it is recognised as.
  expect(both.card.products[1]).toEqual(named.card.products[1])
  const unknown = calibrated({ data: data.at('good') }, bytes)
  await expect(unknown).rejects.toMatchObject({ code: 'PRODUCT_UNKNOWN' })
})

test('labelled defects beside the good pictures say how many are missed, and set nothing', async () => {
  const { result, card } = await calibrated({ data: data.at('labelled'), aims: { falseAlarms: 0.01 } })
  // One has a scar; the other is good and only called a defect.
  expect(result.products[0]?.defects).toEqual({ missed: 1, total: 2 })
  // One of the six good pictures is kept for a test.
  expect(card.products[0]?.heldOutImages).toBe(5)
})

test('nothing but the inspected zone decides, and its map and mask end at its border', async () => {
  const zones: Zones = { mmPerPixel: 0.5, zones: [half('right')] }
  const { card, bytes, result } = await calibrated({ zones, aims: { falseAlarms: 0.01 } })
  expect(result.products[0]?.zones).toMatchObject([{ name: 'right', unsure: null }])
  await using model = await openModel(bytes, threads)
  const outside = await model.inspect(scarred('left'))
  expect(outside.record.verdict).toBe('good')
  expect(outside.record.regions.every((r) => r.box[0] >= width / 2)).toBe(true)
  const right = outside.map.filter((_, i) => i % width >= width / 2)
  const lowest = Math.min(...right)
  expect(outside.map.every((v, i) => i % width >= width / 2 || v === lowest)).toBe(true)
  expect(outside.calibratedMap.every((v, i) => i % width >= width / 2 || v === 0)).toBe(true)
  expect(outside.zones?.[0]).toBe(0)

  const inside = await model.inspect(scarred('right'))
  const [zone] = inside.record.zones ?? []
  expect(inside.record).toMatchObject({ verdict: 'defect', threshold: card.products[0]?.image.threshold })
  expect(zone).toMatchObject({ name: 'right', verdict: 'defect' })
  expect(inside.record.score ?? NaN).toBeGreaterThan(inside.record.threshold ?? NaN)
  expect(inside.record.calibrated).toBe(zone?.calibrated)
  const pixels = [...inside.map].filter((_, i) => i % width >= width / 2).sort((a, b) => b - a)
  const top = pixels.slice(0, Math.floor(pixels.length * 0.01))
  expect(zone?.score).toBeCloseTo(top.reduce((sum, v) => sum + v, 0) / top.length, 4)
  const pixel = card.products[0]?.zones?.zones[0]?.pixel?.threshold ?? NaN
  const low = Math.min(pixel, card.products[0]?.mask[0]?.['threshold'] ?? NaN)
  for (let i = 0; i < inside.mask.length; i++) {
    const value = i % width >= width / 2 ? (inside.map[i] ?? NaN) : -Infinity
    if (value > pixel) expect(inside.mask[i]).toBe(255)
    if (!(value > low)) expect(inside.mask[i]).toBe(0)
  }
  const [region] = inside.record.regions
  expect(region?.areaMm2).toBeCloseTo((region?.areaPx ?? NaN) / 4, 9)
})

test('two zones share the rate, have thresholds of their own, and the strangest one decides', async () => {
  const zones: Zones = { mmPerPixel: null, zones: [half('left', { falseAlarms: 0.4 }), half('right')] }
  const { card, bytes } = await calibrated({ zones, aims: { falseAlarms: 0.2 } })
  const [left, right] = card.products[0]?.zones?.zones ?? []
  const alone = await calibrated({
    zones: { mmPerPixel: null, zones: [half('right')] },
    aims: { falseAlarms: 0.1 },
  })
  expect(right?.image).toEqual(alone.card.products[0]?.zones?.zones[0]?.image)
  expect(left?.image?.threshold).not.toBe(right?.image?.threshold)
  await using model = await openModel(bytes, threads)
  const { record } = await model.inspect(scarred('right'))
  expect(record.zones?.map((z) => z.name)).toEqual(['left', 'right'])
  expect(record.calibrated).toBe(Math.max(...(record.zones ?? []).map((z) => z.calibrated)))
  expect(record.verdict).toBe('defect')
  expect(record.regions.every((r) => r.zone === (r.box[0] < width / 2 ? 'left' : 'right'))).toBe(true)
})

test('regions that are too small, or so few, are tolerated', async () => {
  const rules = [
    [{}, 'defect'],
    [{ smallestAreaPx: 5000 }, 'good'],
    [{ mostRegions: 50 }, 'good'],
    [{ mostRegions: 0 }, 'defect'],
    [{ smallestAreaPx: 5 }, 'defect'],
  ] as const
  for (const [rule, verdict] of rules) {
    const { bytes } = await calibrated({ zones: { mmPerPixel: null, zones: [half('right', rule)] } })
    await using model = await openModel(bytes, threads)
    const { record, mask } = await model.inspect(scarred('right'))
    expect([rule, record.verdict]).toEqual([rule, verdict])
    if ('smallestAreaPx' in rule && verdict === 'good') expect(mask.every((v) => v === 0)).toBe(true)
  }
})

test('zones are kept by a later calibration, can be taken away, and their thresholds are remembered', async () => {
  const zones: Zones = { mmPerPixel: 0.5, zones: [half('right')] }
  const first = await calibrated({ zones })
  const again = await calibrated({}, first.bytes)
  expect(again.card.products[0]?.zones).toEqual(first.card.products[0]?.zones)
  const none = await calibrated({ zones: null }, again.bytes)
  expect(none.card.products[0]?.zones).toBeNull()
  expect(none.card.products[0]?.history.map((h) => h.zones.map((z) => z.name))).toEqual([
    [],
    ['right'],
    ['right'],
  ])
  await using model = await openModel(none.bytes, threads)
  const { record } = await model.inspect(scarred('left'))
  expect(record.verdict).toBe('defect')
  expect(record).not.toHaveProperty('zones')
})

test('binarisers that are fitted see only what is inspected', async () => {
  const sigma = await trainTinyModel({ layers: [{ mask: { binarisers: ['sigma'] } }] })
  const fittedOn = async (zones: Zones | null): Promise<Card['products'][number]['mask']> => {
    const { card } = await calibrated({ zones }, tinyModelBytes(sigma))
    return card.products[0]?.mask ?? []
  }
  const whole = await fittedOn(null)
  expect(whole[0]).not.toBeNull()
  expect(await fittedOn({ mmPerPixel: null, zones: [half('right')] })).not.toEqual(whole)
})

test('a calibration that fails leaves the model and the folder as they were', async () => {
  await using folder = await createTestFolder()
  const bytes = tinyModelBytes(one)
  const model = await folder.write('model.onnx', bytes)
  const away = {
    kind: 'polygon',
    unit: 'pixel',
    corners: [
      [900, 0],
      [950, 0],
      [950, 9],
    ],
  } as const
  const zones: Zones = {
    mmPerPixel: null,
    zones: [half('left', { shape: { ...away, corners: [...away.corners].map(([x, y]) => [x, y]) } })],
  }
  await expect(
    drain(recalibrateModel({ model, data: data.at('good'), zones, ...threads })),
  ).rejects.toMatchObject({
    code: 'ZONE_EMPTY',
  })
  await folder.write('unreadable/a.png', 'no picture')
  await expect(
    drain(recalibrateModel({ model, data: folder.at('unreadable'), ...threads })),
  ).rejects.toMatchObject({ code: 'DATA_NO_GOOD_IMAGES' })
  const controller = new AbortController()
  controller.abort()
  const { signal } = controller
  await expect(drain(recalibrateModel({ model, data: data.at('good'), signal, ...threads }))).rejects.toThrow(
    'abort',
  )
  expect(Buffer.compare(await readFile(model), bytes)).toBe(0)
  expect((await readdir(folder.path)).sort()).toEqual(['model.onnx', 'unreadable'])
})

test('another place keeps the model, and pictures that were learned from are noticed', async () => {
  await using folder = await createTestFolder()
  const bytes = tinyModelBytes(one)
  const model = await folder.write('model.onnx', bytes)
  const out = folder.at('other.onnx')
  await writePictures(folder, {
    'seen/train/good/0.png': drawPicture({ width, height, seed: 1 }),
    'seen/train/good/1.png': drawPicture({ width, height, seed: 2 }),
  })
  const run = recalibrateModel({ model, out, data: folder.at('seen'), ...threads })
  const { events, result } = await drain(run)
  expect(result.model).toBe(out)
  expect(Buffer.compare(await readFile(model), bytes)).toBe(0)
  expect(events.some((e) => e.type === 'warning' && e.message.includes('train/good'))).toBe(true)
})
