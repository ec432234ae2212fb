import { fileURLToPath } from 'node:url'
import type { Card } from '@assay/contract'
import { createGraph, writeOnnx } from '@assay/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeImage, interpolateBilinear, toRgb8, type Image } from '../image/index.ts'
import { buildModel, takeSample, writeModel } from '../model/index.ts'
import { openSession } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { toPng, writePictures } from '../testing/picture-folder.ts'
import { drawNoisePicture, drawPicture } from '../testing/picture.ts'
import { cardOf, tinyModelBytes, tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { openModel, type InspectedImage, type Inspector } from './inspect.ts'

const one = await trainTinyModel()
const two = await trainTinyModel({ products: 2 })
const strange = drawNoisePicture(120, 80, 3)
const threads = { threads: 1 }

let folder: TestFolder
beforeAll(async () => {
  folder = await createTestFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** The model of one product with other thresholds in its card. */
function withThresholds(image: number, pixel: number): Uint8Array {
  const card = cardOf(one)
  const [product] = card.products
  if (product === undefined) throw new Error('no product')
  return tinyModelBytes(one, {
    ...card,
    products: [
      { ...product, image: { threshold: image, scale: 0.1 }, pixel: { threshold: pixel, scale: 0.2 } },
    ],
  })
}

async function inspectOnce(
  picture: string | Uint8Array | Image,
  bytes: Uint8Array = tinyModelBytes(one),
): Promise<InspectedImage> {
  await using model = await openModel(bytes, threads)
  const inspected = await model.inspect(picture)
  return inspected
}

test('a file, its bytes and its pixels are judged alike, and called what they are', async () => {
  const [path = ''] = await writePictures(folder, { 'a/strange.png': strange })
  await using model = await openModel(tinyModelBytes(one), threads)
  const fromPixels = await model.inspect(strange)
  const fromFile = await model.inspect(path)
  const fromBytes = await model.inspect(await toPng(strange), { name: 'camera 1' })
  expect([fromFile, fromBytes, fromPixels].map((i) => i.record.image)).toEqual([
    path,
    'camera 1',
    'the picture',
  ])
  for (const { record, map } of [fromFile, fromBytes]) {
    expect(record.score).toBe(fromPixels.record.score)
    expect(map).toEqual(fromPixels.map)
  }
})

test('the map is that of the model in the pixels of the picture', async () => {
  await using session = await openSession(tinyModelBytes(one), testDevice, 'the model')
  const exact = drawNoisePicture(tinySize.width, tinySize.height, 5)
  const { map } = await session.run({
    image: { dtype: 'uint8', shape: [1, tinySize.height, tinySize.width, 3], data: exact.pixels },
  })
  expect((await inspectOnce(exact)).map).toEqual(map?.data)
  // Each pixel doubled has the same view at the size of the input up to the filter, and a map of twice the size.
  const wide: Image = { ...exact, width: 192, height: 128, pixels: new Uint8Array(192 * 128 * 3).fill(90) }
  const inspected = await inspectOnce(wide)
  expect([inspected.width, inspected.height, inspected.map.length]).toEqual([192, 128, 192 * 128])
  const flat = { dtype: 'uint8' as const, shape: [1, 64, 96, 3], data: new Uint8Array(64 * 96 * 3).fill(90) }
  const small = (await session.run({ image: flat }))['map']?.data as Float32Array
  expect(inspected.map).toEqual(interpolateBilinear(small, 64, 96, 128, 192, { alignCorners: false }))
})

test.each([
  [1, 1],
  [1, 700],
  [700, 1],
  [17, 9],
  [96, 64],
  [1000, 300],
])('a picture of %s x %s pixels is judged', async (width, height) => {
  const { record, map, mask, calibratedMap } = await inspectOnce(drawPicture({ width, height, seed: 1 }))
  expect(Number.isFinite(record.score)).toBe(true)
  for (const plane of [map, mask, calibratedMap]) expect(plane).toHaveLength(width * height)
})

test('a 16-bit grey picture is judged as the same picture in 8 bits and three channels', async () => {
  const grey = Uint8Array.from({ length: 50 * 40 }, (_, i) => (i * 37) % 256)
  const image = { width: 50, height: 40 } as const
  const wide: Image = { ...image, channels: 1, depth: 16, pixels: Uint16Array.from(grey, (v) => v * 257) }
  const plain: Image = { ...image, channels: 1, depth: 8, pixels: grey }
  const colour: Image = {
    ...image,
    channels: 3,
    depth: 8,
    pixels: Uint8Array.from({ length: 6000 }, (_, i) => grey[Math.floor(i / 3)] ?? 0),
  }
  const expected = (await inspectOnce(colour)).map
  expect((await inspectOnce(plain)).map).toEqual(expected)
  expect((await inspectOnce(wide)).map).toEqual(expected)
  const file = fileURLToPath(new URL('../../../../fixtures/image/grey16.png', import.meta.url))
  const decoded = await decodeImage(file)
  expect([decoded.depth, decoded.channels]).toEqual([16, 1])
  const rgb = toRgb8(decoded).pixels
  const eight: Image = { ...decoded, channels: 3, depth: 8, pixels: rgb }
  expect((await inspectOnce(file)).map).toEqual((await inspectOnce(eight)).map)
})

test('above the threshold is a defect, the threshold itself is not', async () => {
  const { record, map } = await inspectOnce(strange)
  const score = record.score ?? NaN
  const at = await inspectOnce(strange, withThresholds(score, 0))
  expect(at.record).toMatchObject({ verdict: 'good', threshold: score, calibrated: 0.5 })
  const below = await inspectOnce(strange, withThresholds(score - 0.1, 0))
  expect(below.record.verdict).toBe('defect')
  expect(below.record.calibrated).toBeCloseTo(1 / (1 + Math.exp(-1)), 9)
  const peak = Math.max(...map)
  expect((await inspectOnce(strange, withThresholds(0, peak))).mask.every((v) => v === 0)).toBe(true)
})

test('mask, regions and calibrated map follow the pixel threshold', async () => {
  const { map: raw } = await inspectOnce(strange)
  const threshold = [...raw].sort((a, b) => a - b)[Math.floor(raw.length * 0.8)] ?? NaN
  const { map, mask, calibratedMap, record, width } = await inspectOnce(strange, withThresholds(0, threshold))
  let above = 0
  for (let i = 0; i < map.length; i++) {
    expect(mask[i]).toBe((map[i] ?? NaN) > threshold ? 255 : 0)
    if (mask[i] === 255) above++
    expect((calibratedMap[i] ?? NaN) > 0.5).toBe(mask[i] === 255)
  }
  expect(above).toBeGreaterThan(0)
  expect(record.regions.reduce((sum, r) => sum + r.areaPx, 0)).toBe(above)
  for (const { box, peak } of record.regions) {
    const [x, y, w, h] = box
    let largest = -Infinity
    for (let row = y; row < y + h; row++)
      for (let column = x; column < x + w; column++)
        largest = Math.max(largest, map[row * width + column] ?? NaN)
    expect(largest).toBeGreaterThanOrEqual(peak)
    expect(peak).toBeGreaterThan(threshold)
  }
})

test('a model that was opened twice and pictures that overlap in time give the same answers', async () => {
  const pictures = [1, 2, 3, 4].map((seed) => drawPicture({ width: 70, height: 50, seed, kind: seed % 2 }))
  await using first = await openModel(tinyModelBytes(two), threads)
  await using second = await openModel(tinyModelBytes(two), threads)
  const alone = []
  for (const picture of pictures) alone.push((await first.inspect(picture)).record)
  const together = await Promise.all(pictures.map((p) => second.inspect(p)))
  expect(together.map((i) => i.record)).toEqual(alone)
})

test('each picture is recognised and judged at the size and threshold of its product', async () => {
  const card = cardOf(two)
  const products = card.products.map((p, i) => (i === 1 ? { ...p, height: 96, width: 64 } : p))
  await using model = await openModel(tinyModelBytes(two, { ...card, products }), threads)
  for (const kind of [0, 1]) {
    const { record } = await model.inspect(drawPicture({ ...tinySize, seed: 40, kind }))
    expect(record).toMatchObject({ product: `product ${kind}`, threshold: 1 + kind })
  }
})

test('a product that is named is not guessed', async () => {
  await using model = await openModel(tinyModelBytes(two), threads)
  const picture = drawPicture({ ...tinySize, seed: 41, kind: 0 })
  const free = await model.inspect(picture)
  const right = await model.inspect(picture, { product: 'product 0' })
  const wrong = await model.inspect(picture, { product: 'product 1' })
  expect(right.record).toEqual(free.record)
  expect(wrong.record).toMatchObject({ product: 'product 1', threshold: 2 })
  expect(wrong.record.score ?? NaN).toBeGreaterThan(free.record.score ?? NaN)
  // The session with the product fixed is kept, and the free one is as it was.
  expect((await model.inspect(picture, { product: 'product 1' })).record).toEqual(wrong.record)
  expect((await model.inspect(picture)).record).toEqual(free.record)
})

test('an unknown product is refused with the nearest name, also by a model of one product', async () => {
  for (const parts of [one, two]) {
    await using model = await openModel(tinyModelBytes(parts), threads)
    await expect(model.inspect(strange, { product: 'produkt 0' })).rejects.toMatchObject({
      code: 'PRODUCT_UNKNOWN',
      params: { suggestion: 'product 0' },
    })
    expect((await model.inspect(strange, { product: 'product 0' })).record.product).toBe('product 0')
  }
})

test('a crop judges what it shows; what it leaves out gets the lowest score', async () => {
  const card = cardOf(one)
  const input = { ...card.recipe.input, fit: 'short-side-crop' as const, resize: 80, crop: 64 }
  const cropped: Card = { ...card, recipe: { ...card.recipe, input } }
  const { map, width, height } = await inspectOnce(
    drawNoisePicture(200, 100, 8),
    tinyModelBytes(one, cropped),
  )
  // The crop shows 80 x 80 pixels from (60, 10) on.
  const lowest = Math.min(...map)
  let inside = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isShown = x >= 60 && x < 140 && y >= 10 && y < 90
      if (isShown) inside += (map[y * width + x] ?? NaN) > lowest ? 1 : 0
      else expect(map[y * width + x]).toBe(lowest)
    }
  expect(inside).toBeGreaterThan(80 * 80 - 10)
})

test.each([
  [48, 64],
  [329, 32],
])(
  'scaled to %s and cropped to %s, the smallest pictures still give a map of themselves',
  async (resize, crop) => {
    const card = cardOf(one)
    const input = { ...card.recipe.input, fit: 'short-side-crop' as const, resize, crop }
    const bytes = tinyModelBytes(one, { ...card, recipe: { ...card.recipe, input } })
    for (const [width, height] of [
      [40, 40],
      [90, 30],
      [1, 1],
    ] as const) {
      const { map } = await inspectOnce(drawPicture({ width, height, seed: 2 }), bytes)
      expect(map).toHaveLength(width * height)
      expect(map.every(Number.isFinite)).toBe(true)
    }
  },
)

/** A model whose score is sqrt(150 - mean of the picture): no number for bright pictures. */
function oddModel(isMapOdd: boolean): Uint8Array {
  const g = createGraph('odd')
  const image = g.cast(g.input('image', 'uint8', ['n', 'h', 'w', 3]), 'float32')
  const root = g.sqrt(g.sub(150, g.mean(image, { axes: [1, 2, 3] })))
  const plane = g.mean(image, { axes: [3] })
  g.output('score', isMapOdd ? g.mean(image, { axes: [1, 2, 3] }) : root)
  g.output('map', isMapOdd ? g.sqrt(g.sub(150, plane)) : plane)
  return writeModel(g.build(), cardOf(one))
}

test.each([false, true])(
  'a score that is no number is an error, never the verdict good (in the map: %s)',
  async (isMapOdd) => {
    await using model = await openModel(oddModel(isMapOdd), threads)
    const bright: Image = { width: 9, height: 9, channels: 1, depth: 8, pixels: new Uint8Array(81).fill(200) }
    await expect(model.inspect(bright, { name: 'bright.png' })).rejects.toMatchObject({
      code: 'SCORE_NOT_FINITE',
      params: { what: 'bright.png', value: 'NaN' },
    })
    const dark = { ...bright, pixels: new Uint8Array(81).fill(20) }
    expect(Number.isFinite((await model.inspect(dark)).record.score)).toBe(true)
  },
)

test('a model proves itself when it is opened', async () => {
  await using session = await openSession(tinyModelBytes(one), testDevice, 'the model')
  const sample = await takeSample(session, { height: 64, width: 96, seed: 0 })
  const good = writeModel(buildModel(one), { ...cardOf(one), samples: [sample] })
  await using model = await openModel(good, threads)
  expect(model.card.samples).toHaveLength(1)
  const other = writeModel(buildModel(one), {
    ...cardOf(one),
    samples: [{ ...sample, score: sample.score * 1.1 }],
  })
  await expect(openModel(other, threads)).rejects.toMatchObject({
    code: 'MODEL_SAMPLES_DIFFER',
    params: { provider: 'cpu' },
  })
})

test('a graph that the runtime refuses is an unreadable model, called by its path', async () => {
  const g = createGraph('wrong')
  g.output('y', g.add(g.input('x', 'float32', [2]), 1))
  const plain = writeOnnx(g.build(), { metadata: { 'assay.card': JSON.stringify(cardOf(one)) } })
  // A name in the graph is damaged: still readable as a file, but no graph any more.
  const text = Buffer.from(plain)
  const at = text.indexOf('Add')
  text.write('Xyz', at)
  const path = await folder.write('damaged.onnx', text)
  await expect(openModel(path, threads)).rejects.toMatchObject({ code: 'MODEL_UNREADABLE', params: { path } })
})

test('pictures that cannot be used are errors about the picture', async () => {
  const png = await toPng(strange)
  const cut = await folder.write('cut.png', png.slice(0, png.length >> 1))
  await using model = await openModel(tinyModelBytes(one), { ...threads, maxPixels: 5000 })
  for (const [source, code] of [
    [folder.at('missing.png'), 'IMAGE_NOT_FOUND'],
    [await folder.write('text.png', 'no picture'), 'IMAGE_UNREADABLE'],
    [new Uint8Array(), 'IMAGE_UNREADABLE'],
    [png, 'IMAGE_TOO_LARGE'],
  ] as const)
    await expect(model.inspect(source), code).rejects.toMatchObject({ code })
  await using large = await openModel(tinyModelBytes(one), threads)
  await expect(large.inspect(cut)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', params: { path: cut } })
})

test('one bad picture among many does not stop the rest, and the order is kept', async () => {
  const bad = await folder.write('bad.png', 'no picture')
  const sources = [strange, bad, await toPng(strange), folder.at('none.png'), strange]
  await using model = await openModel(tinyModelBytes(one), threads)
  const outcomes = []
  for await (const { input, inspected, error } of model.inspectAll(sources)) {
    expect(input).toBe(sources[outcomes.length])
    outcomes.push(inspected?.record.verdict ?? error?.code)
  }
  expect(outcomes).toEqual(['defect', 'IMAGE_UNREADABLE', 'defect', 'IMAGE_NOT_FOUND', 'defect'])
})

test('an abort is no fault of a picture: it ends the run', async () => {
  const controller = new AbortController()
  await using model = await openModel(tinyModelBytes(one), threads)
  const seen: string[] = []
  const run = async (): Promise<void> => {
    for await (const { inspected } of model.inspectAll([strange, strange, strange], {
      signal: controller.signal,
    })) {
      seen.push(inspected?.record.verdict ?? '')
      controller.abort()
    }
  }
  await expect(run()).rejects.toMatchObject({ name: 'AbortError' })
  expect(seen).toHaveLength(1)
  await expect(model.inspect(strange, { signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('a device that is not there is no reason to use another', async () => {
  const options = JSON.parse('{"device": "tpu", "threads": 1}') as Parameters<typeof openModel>[1]
  await expect(openModel(tinyModelBytes(one), options)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' })
})

test('a closed model says so instead of crashing', async () => {
  const model: Inspector = await openModel(tinyModelBytes(two), threads)
  await model.inspect(strange, { product: 'product 1' })
  await model[Symbol.asyncDispose]()
  await expect(model.inspect(strange)).rejects.toMatchObject({ code: 'RUN_FAILED' })
  await model[Symbol.asyncDispose]()
})
