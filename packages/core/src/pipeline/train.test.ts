import fs from 'node:fs/promises'
import { cardSchema, type PartialRecipe } from '@assay/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readModelFile } from '../model/index.ts'
import { drain, type Drained } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { toPng, writeTinyData } from '../testing/picture-folder.ts'
import { drawNoisePicture, drawPicture } from '../testing/picture.ts'
import { openModel } from './inspect.ts'
import type { TrainEvent } from './options.ts'
import { trainModel, type TrainOptions, type TrainResult } from './train.ts'

const tiny: PartialRecipe = {
  input: { pixels: 9216 },
  features: { backbone: 'efficientnet-lite0' },
  memory: { size: 60, candidates: 2000 },
  cras: { steps: 20, stepsPerExtraProduct: 5, damagedImages: 4, batch: 2, patchesPerImage: 32 },
}

let folder: TestFolder
/** One product with eight pictures to learn from and two to test. */
let single: string
/** Two products with five each. */
let several: string
beforeAll(async () => {
  folder = await createTestFolder()
  await using one = await createTestFolder()
  await writeTinyData(one, { kinds: [0], train: 8, test: 2 })
  await fs.cp(one.at('data'), folder.at('single'), { recursive: true })
  await using two = await createTestFolder()
  await writeTinyData(two, { kinds: [0, 1], train: 5, test: 1 })
  await fs.cp(two.at('data'), folder.at('several'), { recursive: true })
  single = folder.at('single')
  several = folder.at('several')
})
afterAll(() => folder[Symbol.asyncDispose]())

type More = Partial<TrainOptions> & { readonly watch?: (event: TrainEvent) => void }

/** Trains PatchCore unless told otherwise: it is quick, and the rest of the way is the same. */
function train(out: string, { watch, ...more }: More = {}): Promise<Drained<TrainEvent, TrainResult>> {
  const { recipe = {}, ...others } = more
  const merged = { ...tiny, ...recipe, input: { ...tiny.input, ...recipe.input } }
  const options = { data: single, out, method: 'patchcore', threads: 1, recipe: merged, ...others } as const
  return drain(trainModel(options), watch)
}

async function hashOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await fs.readFile(path))
  return Buffer.from(digest).toString('hex')
}

test('the same pictures, recipe and seed give the same bytes; another seed gives others', async () => {
  await using out = await createTestFolder()
  const paths = ['a', 'b', 'c'].map((name) => out.at(`${name}.onnx`))
  for (const [i, seed] of [3, 3, 4].entries()) await train(paths[i] ?? '', { method: 'cras', seed })
  const [a, b, c] = await Promise.all(paths.map(hashOf))
  expect(b).toBe(a)
  expect(c).not.toBe(a)
  // Nothing but the models is left.
  expect((await fs.readdir(out.path)).sort()).toEqual(['a.onnx', 'b.onnx', 'c.onnx'])
})

test('the card says how far the model is from the CPU where it was trained', async () => {
  await using out = await createTestFolder()
  const { result, events } = await train(out.at('a.onnx'))
  const { card } = await readModelFile(out.at('a.onnx'))
  expect(card.parity).toEqual(result.parity)
  // One picture of eight is held out; it is compared as it is and with an inverted square.
  expect(card.parity).toEqual([{ provider: 'cpu', images: 2, misrouted: 0, score: 0, map: 0, mask: 0 }])
  expect(events).toContainEqual({ type: 'stage', stage: 'check', done: 1, total: 1 })
})

test('a provider that is not there is refused before anything is read', async () => {
  await using out = await createTestFolder()
  // A caller without types, such as one that passes a flag on.
  const providers = JSON.parse('["tpu"]') as NonNullable<TrainOptions['providers']>
  await expect(train(out.at('a.onnx'), { providers, data: out.at('nothing') })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
  })
})

test('several products give the same bytes again, also with the features on disk', async () => {
  await using out = await createTestFolder()
  const paths = ['a', 'b'].map((name) => out.at(`${name}.onnx`))
  await train(paths[0] ?? '', { method: 'cras', data: several })
  await train(paths[1] ?? '', { method: 'cras', data: several, memoryBytes: 1000 })
  expect(await hashOf(paths[1] ?? '')).toBe(await hashOf(paths[0] ?? ''))
  await using model = await openModel(paths[0] ?? '', { threads: 1 })
  expect(model.card.products.map((p) => p.name)).toEqual(['part0', 'part1'])
  for (const kind of [0, 1]) {
    const { record } = await model.inspect(drawPicture({ width: 96, height: 96, seed: 70, kind, noise: 4 }))
    expect(record.product).toBe(`part${kind}`)
    const named = await model.inspect(drawNoisePicture(96, 96, 1), { product: `part${kind}` })
    expect(named.record).toMatchObject({ product: `part${kind}`, verdict: 'defect' })
  }
})

test('pictures cut into windows: products are told apart by the whole picture, the map has no seams', async () => {
  await using out = await createTestFolder()
  const input = { fit: 'tiles', window: 64, overlap: 0.25 } as const
  await train(out.at('a.onnx'), { method: 'cras', data: several, recipe: { input } })
  await using model = await openModel(out.at('a.onnx'), { threads: 1 })
  expect(model.card.products.map((p) => p.window?.width)).toEqual([64, 64])
  for (const kind of [0, 1]) {
    const picture = drawPicture({ width: 150, height: 96, seed: 70, kind, noise: 4 })
    const { record, map } = await model.inspect(picture)
    expect(record.product).toBe(`part${kind}`)
    expect(map).toHaveLength(150 * 96)
    // One bright spot is where the map is largest, in pixels of the picture, and nowhere else is near.
    const pixels = picture.pixels.slice()
    for (let y = 40; y < 52; y++) pixels.fill(255, (y * 150 + 100) * 3, (y * 150 + 112) * 3)
    const spotted = await model.inspect({ ...picture, pixels })
    const peak = spotted.map.indexOf(Math.max(...spotted.map))
    expect(Math.abs((peak % 150) - 106)).toBeLessThan(10)
    expect(Math.abs(Math.floor(peak / 150) - 46)).toBeLessThan(10)
    expect(spotted.record.score).toBeGreaterThan(record.score ?? NaN)
  }
  // A picture too large to hold is read in bands: the same score, a map of the reduced picture.
  const large = await toPng(drawNoisePicture(200, 150, 5))
  await using bands = await openModel(out.at('a.onnx'), { threads: 1, heldPixels: 10_000 })
  const [whole, reduced] = [await model.inspect(large), await bands.inspect(large)]
  expect(reduced.record.score).toBe(whole.record.score)
  expect([reduced.width, reduced.height, reduced.reduction]).toEqual([100, 75, 2])
  expect([reduced.map.length, reduced.mask.length, reduced.image.width]).toEqual([7500, 7500, 100])
  for (const { box } of reduced.record.regions) {
    expect(box[0] + box[2]).toBeLessThanOrEqual(200)
    expect(box[1] + box[3]).toBeLessThanOrEqual(150)
  }
  const area = (record: typeof whole.record): number => record.regions.reduce((sum, r) => sum + r.areaPx, 0)
  expect(area(reduced.record) / area(whole.record)).toBeCloseTo(1, 1)
  // A picture smaller than a window is one window.
  const small = await model.inspect(drawPicture({ width: 40, height: 30, seed: 3, noise: 4 }))
  expect(small.map).toHaveLength(40 * 30)
})

test('the card says what the model was made of, and the result agrees with it', async () => {
  const out = folder.at('card.onnx')
  const { result, events } = await train(out, { method: 'cras', profile: 'fast', seed: 9 })
  const { card } = await readModelFile(out)
  expect(cardSchema.parse(card)).toEqual(card)
  expect(card).toMatchObject({
    method: 'cras',
    sees: 'good',
    recipe: { ...result.recipe, seed: 9, profile: 'fast', memory: { size: 60 } },
    weights: { backbone: 'efficientnet-lite0', licence: 'Apache-2.0' },
    data: { images: 7 },
    view: null,
  })
  expect(card.samples).toHaveLength(1)
  expect(card.products).toMatchObject([
    { name: 'single', height: 96, width: 96, trainingImages: 7, heldOutImages: 1, heldOutAbove: 0 },
  ])
  expect(result).toMatchObject({
    model: out,
    method: 'cras',
    steps: 20,
    threshold: card.products[0]?.image.threshold,
    products: [{ pixelThreshold: card.products[0]?.pixel.threshold, heldOut: 1 }],
  })
  expect(events.filter((e) => e.type === 'step')).toHaveLength(20)
  // No path and no date: the card is the same wherever and whenever it was made.
  expect(JSON.stringify(card)).not.toContain(folder.path)
  expect(JSON.stringify(card)).not.toContain(String(new Date().getFullYear()))
})

test('every stage comes in its order and reaches its total', async () => {
  const { events } = await train(folder.at('stages.onnx'), { method: 'cras', data: several })
  const stages = events.filter((e) => e.type === 'stage')
  const names = [...new Set(stages.map((e) => e.stage))]
  expect(names).toEqual(['read', 'features', 'memory', 'head', 'calibrate', 'check', 'write'])
  for (const name of names) {
    const own = stages.filter((e) => e.stage === name)
    expect(own.at(-1)?.done, name).toBe(own.at(-1)?.total)
    const done = own.map((e) => e.done)
    expect(done, name).toEqual([...done].sort((a, b) => a - b))
  }
  expect(events.slice(0, 2).map((e) => e.type)).toEqual(['device', 'chosen'])
  const planned = events.find((e) => e.type === 'data')
  expect(planned?.products).toMatchObject([
    { name: 'part0', images: 4, heldOut: 1, height: 96, width: 96 },
    { name: 'part1', images: 4, heldOut: 1 },
  ])
})

test('several scales are trained one after the other, with steps counted through', async () => {
  const out = folder.at('scales.onnx')
  const { events, result } = await train(out, {
    method: 'cras',
    recipe: { input: { scales: [1, 0.67] }, cras: { ...tiny.cras, steps: 3 } },
  })
  expect(events.flatMap((e) => (e.type === 'step' ? [[e.step, e.of]] : []))).toEqual(
    [1, 2, 3, 4, 5, 6].map((step) => [step, 6]),
  )
  expect(result.steps).toBe(6)
  await using model = await openModel(out, { threads: 1 })
  expect((await model.inspect(drawNoisePicture(96, 96, 2))).record.verdict).toBe('defect')
})

/** Stops a training as soon as `when` holds, and tells whether it was stopped so. */
async function stop(out: string, when: (event: TrainEvent) => boolean, more: More = {}): Promise<void> {
  const controller = new AbortController()
  const watch = (event: TrainEvent): void => (when(event) ? controller.abort() : undefined)
  await expect(train(out, { ...more, signal: controller.signal, watch })).rejects.toMatchObject({
    name: 'AbortError',
  })
}

test('a training that was stopped in the middle of its steps resumes to the same bytes', async () => {
  await using out = await createTestFolder()
  const cras = { method: 'cras', data: several } as const
  const [whole, stopped] = [out.at('whole.onnx'), out.at('stopped.onnx')]
  await train(whole, cras)
  await stop(stopped, (e) => e.type === 'step' && e.step === 11, cras)
  expect(await fs.readdir(out.path)).toContain('stopped.onnx.work')
  // Once more, on the way.
  await stop(stopped, (e) => e.type === 'step' && e.step === 17, { ...cras, resume: true })
  const { events } = await train(stopped, { ...cras, resume: true })
  expect(events.filter((e) => e.type === 'resumed')).toEqual([{ type: 'resumed', step: 17, of: 25 }])
  expect(events.filter((e) => e.type === 'step')).toHaveLength(8)
  expect(await hashOf(stopped)).toBe(await hashOf(whole))
  expect((await fs.readdir(out.path)).sort()).toEqual(['stopped.onnx', 'whole.onnx'])
})

test.each(['read', 'features', 'memory', 'calibrate'] as const)(
  'a training that was stopped at %s resumes to the same bytes',
  async (stage) => {
    await using out = await createTestFolder()
    const [whole, stopped] = [out.at('whole.onnx'), out.at('stopped.onnx')]
    await train(whole, { data: several })
    await stop(stopped, (e) => e.type === 'stage' && e.stage === stage, { data: several })
    const resume = await fs.readdir(out.path).then((names) => names.includes('stopped.onnx.work'))
    await train(stopped, { data: several, resume })
    expect(await hashOf(stopped)).toBe(await hashOf(whole))
  },
)

test('a resume with anything else is refused, names it and keeps the work', async () => {
  await using out = await createTestFolder()
  const path = out.at('model.onnx')
  await stop(path, (e) => e.type === 'stage' && e.stage === 'calibrate')
  for (const [more, what] of [
    [{ seed: 5 }, 'recipe'],
    [{ recipe: { memory: { size: 61 } } }, 'recipe'],
    [{ method: 'cras' }, 'recipe'],
    [{ data: several }, 'data'],
    [{ threads: 2 }, 'device'],
  ] as const)
    await expect(train(path, { ...more, resume: true }), what).rejects.toMatchObject({
      code: 'RESUME_MISMATCH',
      params: { what },
    })
  await train(path, { resume: true })
})

test('a picture that was replaced between stop and resume is noticed', async () => {
  await using out = await createTestFolder()
  const path = out.at('model.onnx')
  const data = out.at('data')
  await fs.cp(single, data, { recursive: true })
  await stop(path, (e) => e.type === 'stage' && e.stage === 'calibrate', { data })
  const names = await fs.readdir(data, { recursive: true })
  const picture = names.find((name) => name.includes('train') && name.endsWith('.png'))
  await fs.writeFile(`${data}/${picture}`, await toPng(drawNoisePicture(96, 96, 5)))
  await expect(train(path, { data, resume: true })).rejects.toMatchObject({
    code: 'RESUME_MISMATCH',
    params: { what: 'data' },
  })
})

test('nothing to resume is said so', async () => {
  await expect(train(folder.at('never.onnx'), { resume: true })).rejects.toMatchObject({
    code: 'RESUME_NOTHING',
  })
})

test('an abort before the start leaves nothing behind', async () => {
  await using out = await createTestFolder()
  await expect(train(out.at('model.onnx'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect((await fs.readdir(out.path)).filter((name) => name.endsWith('.onnx'))).toEqual([])
})

test('a failed training leaves the older model as it was', async () => {
  await using out = await createTestFolder()
  const path = await out.write('model.onnx', 'older model')
  await stop(path, (e) => e.type === 'stage' && e.stage === 'calibrate')
  expect(await fs.readFile(path, 'utf8')).toBe('older model')
  await train(path)
  expect((await readModelFile(path)).card.products).toHaveLength(1)
})

test('a place that cannot be written, or is not ours, is refused before any work', async () => {
  await using out = await createTestFolder()
  const file = await out.write('file', 'x')
  const seen: TrainEvent[] = []
  const watch = (event: TrainEvent): void => void seen.push(event)
  await expect(train(`${file}/model.onnx`, { watch })).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' })
  await expect(train(out.path, { watch })).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' })
  const photo = await out.write('model.onnx.work/photo.png', 'precious')
  await expect(train(out.at('model.onnx'), { watch })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  expect(await fs.readFile(photo, 'utf8')).toBe('precious')
  expect(seen.some((e) => e.type === 'stage' && e.stage === 'features')).toBe(false)
})

/** Writes training pictures by hand: name to content. */
async function trainOn(
  pictures: Readonly<Record<string, Uint8Array | string>>,
  more: More = {},
): Promise<Drained<TrainEvent, TrainResult> & { readonly bytes: Uint8Array }> {
  await using own = await createTestFolder()
  for (const [name, content] of Object.entries(pictures)) await own.write(`data/${name}`, content)
  const out = own.at('model.onnx')
  const drained = await train(out, { data: own.at('data'), ...more })
  return { ...drained, bytes: await fs.readFile(out) }
}

const png = (seed: number, width = 96, height = 96, kind = 0): Promise<Uint8Array> =>
  toPng(drawPicture({ width, height, seed, kind, noise: 4 }))

test('pictures that cannot be read are reported and passed over', async () => {
  const good = await png(9)
  const { events, result, bytes } = await trainOn({
    '0.png': await png(1),
    '1.png': await png(2),
    '2.png': 'no picture',
    '3.png': '',
    // The header is whole, so it is noticed only when its pixels are needed.
    '4.png': good.slice(0, good.length >> 1),
    '5.png': await png(3),
    '6.png': await png(4),
    '7.png': await png(5),
  })
  const faults = events.flatMap((e) => (e.type === 'image-error' ? [e.image.split('/').at(-1)] : []))
  expect(faults).toHaveLength(3)
  expect(new Set(faults)).toEqual(new Set(['2.png', '3.png', '4.png']))
  const { card } = await readModelFile(bytes)
  expect(card.data.images).toBe(card.products[0]?.trainingImages ?? NaN)
  expect((card.products[0]?.trainingImages ?? 0) + (result.products[0]?.heldOut ?? 0)).toBe(5)
})

test('when all pictures of a product are cut, it is named', async () => {
  const cut = async (seed: number): Promise<Uint8Array> => (await png(seed)).slice(0, 400)
  await expect(
    trainOn({
      'a/good/0.png': await png(1),
      'a/good/1.png': await png(2),
      'b/good/0.png': await cut(1),
      'b/good/1.png': await cut(2),
      'b/good/2.png': await cut(3),
    }),
  ).rejects.toMatchObject({ code: 'DATA_NO_GOOD_IMAGES', params: { product: 'b' } })
})

test('one good picture is too few, two are enough and warned about', async () => {
  await expect(trainOn({ '0.png': await png(1) })).rejects.toMatchObject({ code: 'DATA_TOO_FEW_IMAGES' })
  const { events, bytes } = await trainOn(
    { '0.png': await png(1), '1.png': await png(2) },
    { method: 'cras' },
  )
  expect(events.filter((e) => e.type === 'warning')).toHaveLength(2)
  await using model = await openModel(bytes, { threads: 1 })
  // The threshold is above both pictures, not on one of them.
  for (const seed of [1, 2]) expect((await model.inspect(await png(seed))).record.verdict).toBe('good')
  expect((await model.inspect(drawNoisePicture(96, 96, 3))).record.verdict).toBe('defect')
})

test('no good pictures, no folder and an unknown product are errors about the data', async () => {
  await expect(trainOn({ 'readme.txt': 'nothing here' })).rejects.toMatchObject({
    code: 'DATA_NOT_UNDERSTOOD',
  })
  await expect(train(folder.at('x.onnx'), { data: folder.at('nowhere') })).rejects.toMatchObject({
    code: 'DATA_NOT_FOUND',
  })
  await expect(train(folder.at('x.onnx'), { data: several, products: ['prat1'] })).rejects.toMatchObject({
    code: 'PRODUCT_UNKNOWN',
    params: { suggestion: 'part1' },
  })
})

test('products that were not asked for are left out', async () => {
  const out = folder.at('chosen.onnx')
  await train(out, { data: several, products: ['part1'] })
  expect((await readModelFile(out)).card.products.map((p) => p.name)).toEqual(['part1'])
})

test('copies of one picture do not blow up the thresholds', async () => {
  const one = await png(1)
  const names = Array.from({ length: 10 }, (_, i) => `${i}.png`)
  for (const method of ['patchcore', 'cras'] as const) {
    const { bytes } = await trainOn(Object.fromEntries(names.map((name) => [name, one])), { method })
    await using model = await openModel(bytes, { threads: 1 })
    const { record, mask } = await model.inspect(drawNoisePicture(96, 96, 3))
    expect(record.verdict, method).toBe('defect')
    expect(mask.includes(255), method).toBe(true)
  }
})

test('black pictures, as of a covered camera, train and find what is not black', async () => {
  const black = await toPng({ width: 96, height: 96, channels: 1, depth: 8, pixels: new Uint8Array(96 * 96) })
  const names = Array.from({ length: 5 }, (_, i) => `${i}.png`)
  for (const method of ['patchcore', 'cras'] as const) {
    const { bytes } = await trainOn(Object.fromEntries(names.map((name) => [name, black])), { method })
    await using model = await openModel(bytes, { threads: 1 })
    expect((await model.inspect(black)).record.verdict, method).toBe('good')
    expect((await model.inspect(drawNoisePicture(96, 96, 3))).record.verdict, method).toBe('defect')
  }
})

test('pictures of several sizes and depths are one product', async () => {
  const grey = drawPicture({ width: 70, height: 70, seed: 3 })
  const { bytes } = await trainOn({
    '0.png': await png(1, 96, 96),
    '1.png': await png(2, 200, 190),
    '2.png': await png(3, 40, 41),
    '3.png': await toPng({ ...grey, channels: 1, pixels: grey.pixels.slice(0, 4900) }),
  })
  expect((await readModelFile(bytes)).card.products[0]).toMatchObject({ height: 96, width: 96 })
})

test('CRAS as published trains on one product and on several, and recognises them', async () => {
  const paper: PartialRecipe = {
    input: { resize: 72, crop: 64 },
    features: { backbone: 'efficientnet-lite0', dimension: 64 },
    cras: { epochs: 2, batch: 4 },
  }
  for (const data of [single, several]) {
    const out = folder.at('paper.onnx')
    await train(out, { data, method: 'cras', mode: 'paper', recipe: paper })
    await using model = await openModel(out, { threads: 1 })
    expect(model.card).toMatchObject({
      view: null,
      recipe: { mode: 'paper', input: { fit: 'short-side-crop' } },
    })
    const { record, map } = await model.inspect(
      drawPicture({ width: 120, height: 90, seed: 70, kind: 0, noise: 4 }),
    )
    expect(map).toHaveLength(120 * 90)
    expect(record.score ?? NaN).toBeGreaterThanOrEqual(0)
    expect(record.score ?? NaN).toBeLessThanOrEqual(1)
    if (data === several) expect(record.product).toBe('part0')
  }
})

test('PatchCore with the published input recognises several products too', async () => {
  const out = folder.at('published.onnx')
  await train(out, {
    data: several,
    mode: 'paper',
    recipe: { input: { resize: 72, crop: 64 }, features: { ...tiny.features, dimension: 64 } },
  })
  await using model = await openModel(out, { threads: 1 })
  for (const kind of [0, 1])
    expect(
      (await model.inspect(drawPicture({ width: 96, height: 96, seed: 70, kind, noise: 4 }))).record.product,
    ).toBe(`part${kind}`)
})

test('options that cannot be are refused before anything is written', async () => {
  await using out = await createTestFolder()
  const path = out.at('model.onnx')
  for (const [more, code] of [
    [{ backbone: 'resnet51' }, 'BACKBONE_UNKNOWN'],
    [{ recipe: { features: { taps: ['layer2'] } } }, 'TAP_UNKNOWN'],
    [{ threads: 0 }, 'OPTION_INVALID'],
  ] satisfies (readonly [More, string])[])
    await expect(train(path, more), code).rejects.toMatchObject({ code })
  expect(await fs.readdir(out.path)).toEqual([])
})
