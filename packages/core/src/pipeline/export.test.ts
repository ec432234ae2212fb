import { readFile, writeFile } from 'node:fs/promises'
import type { ProductCard } from '@assay/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readModelFile, recalibrate } from '../model/index.ts'
import { sha256Hex } from '../sha256.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { writePictures } from '../testing/picture-folder.ts'
import { drawNoisePicture, drawPicture } from '../testing/picture.ts'
import { tinySize } from '../testing/tiny-model.ts'
import { exportModel, type ExportOptions } from './export.ts'
import { openModel } from './inspect.ts'
import { recalibrateModel } from './recalibrate.ts'
import { trainModel } from './train.ts'

let folder: TestFolder
let model: string
/** Good pictures that the model has not learned from. */
let good: string
beforeAll(async () => {
  folder = await createTestFolder()
  const pictures = Object.fromEntries(
    Array.from({ length: 12 }, (_, seed) => [
      `parts/part/train/good/${seed}.png`,
      drawPicture({ ...tinySize, seed, noise: 4 }),
    ]),
  )
  const fresh = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [
      `fresh/${i}.png`,
      drawPicture({ ...tinySize, seed: 40 + i, noise: 4 }),
    ]),
  )
  const test = {
    'parts/part/test/good/0.png': drawPicture({ ...tinySize, seed: 60, noise: 4 }),
    'parts/part/test/good/1.png': drawPicture({ ...tinySize, seed: 61, noise: 4 }),
    'parts/part/test/stain/0.png': drawNoisePicture(tinySize.width, tinySize.height, 3),
  }
  await writePictures(folder, { ...pictures, ...fresh, ...test })
  good = folder.at('fresh')
  model = folder.at('model.onnx')
  const recipe = {
    input: { pixels: 9216 },
    features: { backbone: 'efficientnet-lite0' },
    memory: { size: 60, candidates: 2000 },
    // Far from trained, but with weights that float16 does not hold exactly.
    cras: { steps: 4, damagedImages: 4, batch: 2, patchesPerImage: 32 },
  }
  await drain(
    trainModel({
      data: folder.at('parts'),
      out: model,
      method: 'cras',
      profile: 'fast',
      recipe,
      threads: 1,
    }),
  )
})
afterAll(() => folder[Symbol.asyncDispose]())

async function exported(name: string, options: Partial<ExportOptions>) {
  const out = folder.at(name)
  const run = exportModel({ model, out, precision: 'float16', threads: 1, ...options })
  return { out, ...(await drain(run)) }
}

/** The model with thresholds between which its good pictures and a slightly different score fall. */
async function withThreshold(name: string, change: (product: ProductCard) => ProductCard): Promise<string> {
  const { bytes, card } = await readModelFile(model)
  const out = folder.at(name)
  await writeFile(out, recalibrate(bytes, { ...card, products: card.products.map(change) }))
  return out
}

test('a float16 file is smaller, opens as any model, keeps verdicts and thresholds, and says where it comes from', async () => {
  const { out, result } = await exported('half.onnx', { images: [good, folder.at('parts/part/test/stain')] })
  expect(result).toMatchObject({ thresholds: 'kept', arithmetic: 'float32', auroc: null })
  expect(result.bytes.after).toBeLessThan(result.bytes.before)
  expect(result.differences).toMatchObject([{ provider: 'cpu', images: 14, misrouted: 0, verdicts: 0 }])
  expect(result.differences[0]?.score).toBeLessThan(1e-3)
  const before = await readModelFile(model)
  const { card, bytes } = await readModelFile(out)
  expect(bytes.length).toBe(result.bytes.after)
  expect(card.products).toEqual(before.card.products)
  expect(card.exported).toMatchObject({
    precision: 'float16',
    from: { sha256: await sha256Hex(new Uint8Array(await readFile(model))), bytes: result.bytes.before },
    calibrationImages: 0,
    differences: result.differences,
  })
  expect(card.parity).toEqual(result.parity)
  await using inspector = await openModel(out, { threads: 1 })
  const { record } = await inspector.inspect(folder.at('parts/part/test/stain/0.png'))
  expect(record.verdict).toBe('defect')
})

test('an int8 file rounds the layers in the ranges of good pictures, and its own samples repeat', async () => {
  const { out, result } = await exported('int8.onnx', {
    precision: 'int8',
    calibration: good,
    data: folder.at('parts'),
  })
  expect(result).toMatchObject({ arithmetic: 'int8', thresholds: 'recalibrated' })
  expect(result.bytes.after).toBeLessThan(0.8 * result.bytes.before)
  // Far enough to see that something was rounded, near enough to be the same model.
  const [row] = result.differences
  expect(row?.score).toBeGreaterThan(1e-4)
  expect(row?.score).toBeLessThan(0.5)
  expect(result.auroc).toMatchObject({ image: { before: 1, after: 1 } })
  const { card } = await readModelFile(out)
  expect(card.exported).toMatchObject({ precision: 'int8', calibrationImages: 6 })
  const before = await readModelFile(model)
  expect(card.samples.map((s) => s.input)).toEqual(before.card.samples.map((s) => s.input))
  expect(card.samples).not.toEqual(before.card.samples)
  await using inspector = await openModel(out, { threads: 1 })
  expect((await inspector.inspect(folder.at('fresh/0.png'))).record.product).toBe('part')
  // Thresholds of an export are set anew as those of any model.
  await drain(recalibrateModel({ model: out, data: good, out: folder.at('again.onnx'), threads: 1 }))
  const again = await readModelFile(folder.at('again.onnx'))
  expect(again.card.exported).toEqual(card.exported)
  expect(again.card.products[0]?.history.length).toBe((card.products[0]?.history.length ?? 0) + 1)
})

test('without good pictures nothing is written when a verdict changes; with them, thresholds are set again', async () => {
  const picture = folder.at('fresh/0.png')
  const scoreIn = async (file: string): Promise<number> => {
    await using inspector = await openModel(file, { threads: 1 })
    return (await inspector.inspect(picture)).record.score ?? NaN
  }
  const [before, after] = [await scoreIn(model), await scoreIn((await exported('for-edge.onnx', {})).out)]
  expect(after).not.toBe(before)
  const threshold = (before + after) / 2
  const edge = await withThreshold('edge.onnx', (p) => ({ ...p, image: { ...p.image, threshold } }))
  const asked = { model: edge, images: [picture] }
  await expect(exported('never.onnx', asked)).rejects.toMatchObject({
    code: 'EXPORT_VERDICTS_DIFFER',
    params: { path: folder.at('never.onnx'), precision: 'float16', differing: 1, images: 2 },
  })
  await expect(readFile(folder.at('never.onnx'))).rejects.toMatchObject({ code: 'ENOENT' })
  const { out, result } = await exported('set-again.onnx', { ...asked, calibration: good })
  expect(result.thresholds).toBe('recalibrated')
  const { card } = await readModelFile(out)
  expect(card.exported?.thresholds).toBe('recalibrated')
  expect(card.products[0]?.history).toMatchObject([{ image: { threshold } }])
  expect(card.products[0]?.heldOutImages).toBe(6)
})

test('an export of an export, and int8 without pictures, are refused with what to do', async () => {
  const { out } = await exported('once.onnx', {})
  await expect(exported('twice.onnx', { model: out })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('it is already an export in float16'),
  })
  await expect(exported('none.onnx', { precision: 'int8' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('--calibration'),
  })
})

test('with sample pictures alone the export says that verdicts were not tried', async () => {
  const { events } = await exported('samples.onnx', {})
  expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('made-up pictures') })
})
