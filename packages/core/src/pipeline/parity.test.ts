import type { Card } from '@assay/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeSample } from '../model/index.ts'
import { openSession } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { writePictures } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { cardOf, tinyModelBytes, tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { checkModel } from './check.ts'
import { chooseDevices, passGate, requireParity } from './gate.ts'
import { openModel, type InspectedImage } from './inspect.ts'
import { holdsParity, measureDifference, openComparison } from './parity.ts'

const one = await trainTinyModel()
const two = await trainTinyModel({ products: 2 })
const threads = { threads: 1 }

/** Below what the test pictures score, so that masks are not empty. */
function sensitive(card: Card): Card {
  const low = { threshold: 0.5, scale: 0.1 }
  return { ...card, products: card.products.map((p) => ({ ...p, image: low, pixel: low })) }
}
const bytes = tinyModelBytes(one, sensitive(cardOf(one)))

let folder: TestFolder
let files: readonly string[]
beforeAll(async () => {
  folder = await createTestFolder()
  const draw = (i: number) => drawPicture({ ...tinySize, seed: 40 + i, kind: 0 })
  files = await writePictures(folder, Object.fromEntries([0, 1, 2].map((i) => [`good/${i}.png`, draw(i)])))
})
afterAll(() => folder[Symbol.asyncDispose]())

async function inspected(change: Partial<InspectedImage> = {}): Promise<InspectedImage> {
  await using model = await openModel(bytes, threads)
  const { record, map, mask, ...rest } = await model.inspect(files[0] ?? '')
  return { ...rest, record, map, mask, ...change }
}

test('the same inspection twice does not differ at all', async () => {
  const found = await inspected()
  const nothing = { misrouted: 0, score: 0, map: 0, mask: 0, verdicts: 0 }
  expect(measureDifference(found, await inspected())).toEqual(nothing)
})

test('each difference is in its own unit: share of the score, of the spread of the map, of the pixels', async () => {
  const expected = await inspected({ map: Float32Array.of(2, 4, 6, 4), mask: Uint8Array.of(0, 0, 255, 0) })
  const { record } = expected
  const score = Number(record.score)
  const found = {
    ...expected,
    record: { ...record, score: score * 1.01 },
    map: Float32Array.of(2, 4, 6, 5),
    mask: Uint8Array.of(0, 255, 255, 255),
  }
  const size = Math.max(score, record.threshold ?? 0)
  const difference = measureDifference(expected, found)
  expect(difference).toMatchObject({ misrouted: 0, map: 0.25, mask: 0.5 })
  expect(difference.score).toBeCloseTo((0.01 * score) / size, 6)
})

test('one value that is no number, or a map of another size, is a difference that nothing allows', async () => {
  const expected = await inspected({ map: Float32Array.of(2, 4, 6, 4) })
  for (const map of [Float32Array.of(2, NaN, 6, 4), Float32Array.of(2, 4)]) {
    const difference = measureDifference(expected, { ...expected, map })
    expect(holdsParity({ provider: 'webgpu', images: 1, ...difference })).toBe(false)
  }
})

test('a picture taken for another product is counted, and not compared with the scores of the other', async () => {
  const expected = await inspected()
  const found = { ...expected, record: { ...expected.record, product: 'another', score: 1e6 } }
  const difference = measureDifference(expected, found)
  expect(difference).toEqual({ misrouted: 1, score: 0, map: 0, mask: 0, verdicts: 0 })
  expect(holdsParity({ provider: 'webgpu', images: 1, ...difference })).toBe(false)
})

test.each([
  ['score', 1e-3],
  ['map', 1e-2],
  ['mask', 1e-3],
] as const)('a %s may differ by %d and no more', (key, limit) => {
  const row = { provider: 'webgpu', images: 4, misrouted: 0, score: 0, map: 0, mask: 0 }
  expect(holdsParity({ ...row, [key]: limit })).toBe(true)
  expect(holdsParity({ ...row, [key]: limit * 1.1 })).toBe(false)
})

test('every picture is compared twice, once with a square that shows in the mask', async () => {
  await using comparison = await openComparison(bytes, [testDevice], {})
  for (const file of files) await comparison.add(file, file)
  expect(comparison.finish()).toEqual([
    { provider: 'cpu', images: 6, misrouted: 0, score: 0, map: 0, mask: 0 },
  ])
})

test('the gate takes some held-out pictures of each product, and passes over those that cannot be read', async () => {
  const broken = await folder.write('broken.png', 'not a picture')
  const plans = [{ heldOut: [broken, ...files] }, { heldOut: [files[0] ?? ''] }]
  const given = { model: tinyModelBytes(two), out: 'm.onnx', devices: [testDevice], plans }
  const { events, result } = await drain(passGate(given))
  expect(result).toEqual([{ provider: 'cpu', images: 6, misrouted: 0, score: 0, map: 0, mask: 0 }])
  expect(events).toEqual([1, 2, 3].map((done) => ({ type: 'stage', stage: 'check', done, total: 3 })))
})

test('a provider beyond the limits stops the writing, and the error has its name and numbers', () => {
  const near = { provider: 'cpu', images: 6, misrouted: 0, score: 0, map: 0, mask: 0 }
  const far = { provider: 'webgpu', images: 6, misrouted: 2, score: 0.02, map: 0, mask: 0 }
  expect(() => requireParity('m.onnx', [near])).not.toThrow()
  expect(() => requireParity('m.onnx', [near, far])).toThrow(
    'm.onnx does not judge on webgpu as on the CPU. Largest differences in 6 images: score 0.02 (allowed 0.001)',
  )
})

test('a stopped training is not held up by the gate', async () => {
  const plans = [{ heldOut: files }]
  const given = { model: bytes, out: 'm.onnx', devices: [testDevice], plans, signal: AbortSignal.abort() }
  await expect(drain(passGate(given))).rejects.toMatchObject({ name: 'AbortError' })
})

test('a device that is asked for twice, or by two names, is compared once', async () => {
  expect((await chooseDevices(['cpu', 'cpu'], 1)).map((d) => d.name)).toEqual(['cpu'])
})

test('a file is checked with images, in folders too, or with the pictures of its sample vectors', async () => {
  const samples = [
    { input: { ...tinySize, seed: 0 }, product: 0, score: 0, map: [] },
  ] satisfies Card['samples']
  const proven = await folder.write('model.onnx', bytes)
  const { result } = await drain(checkModel({ model: proven, images: [folder.at('good')], threads: 1 }))
  expect(result).toMatchObject({ model: proven, providers: [{ provider: 'cpu', images: 6, holds: true }] })
  // A score that the model does not have: the file is refused before anything is compared.
  const card = { ...sensitive(cardOf(one)), samples }
  const odd = await folder.write('odd.onnx', tinyModelBytes(one, card))
  await expect(drain(checkModel({ model: odd, threads: 1 }))).rejects.toMatchObject({
    code: 'MODEL_SAMPLES_DIFFER',
    params: { provider: 'cpu' },
  })
})

test('without images, the pictures of the sample vectors are compared', async () => {
  await using session = await openSession(bytes, testDevice, 'the test')
  const sample = await takeSample(session, { ...tinySize, seed: 0 })
  const card = { ...sensitive(cardOf(one)), samples: [sample] }
  const model = await folder.write('proven.onnx', tinyModelBytes(one, card))
  const { events, result } = await drain(checkModel({ model, threads: 1 }))
  expect(events).toEqual([{ type: 'stage', done: 1, total: 1 }])
  expect(result.providers).toMatchObject([{ provider: 'cpu', images: 2, score: 0, holds: true }])
})

test('images that are not there are an error, not a check of nothing', async () => {
  const model = await folder.write('model.onnx', bytes)
  await expect(drain(checkModel({ model, images: [folder.at('none.png')] }))).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
  })
})

test('another verdict is counted, also where the score hardly moved', async () => {
  const expected = await inspected()
  const verdict = expected.record.verdict === 'good' ? 'defect' : 'good'
  const found = { ...expected, record: { ...expected.record, verdict } as const }
  expect(measureDifference(expected, found)).toMatchObject({ score: 0, verdicts: 1 })
})
