/** A CRAS that the authors' own code trained and saved (tools/golden/cras_import.py), as a model of ours. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@assay/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePng } from '../image/index.ts'
import { readModelFile } from '../model/index.ts'
import { openSession } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { drain, type Drained } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { openCheckpoint, writeSafetensors } from '../weights/index.ts'
import { importCras, type ImportCrasOptions } from './import-cras.ts'
import type { ImportResult } from './import.ts'
import { openModel } from './inspect.ts'
import type { TrainEvent } from './options.ts'

interface Golden {
  readonly products: string[]
  readonly judged: readonly {
    readonly product: string
    readonly number: number
    readonly score: number
    readonly map: readonly [y: number, x: number, value: number][]
  }[]
}

const golden = JSON.parse(readFileSync(fixture('golden/cras-import.json'), 'utf8')) as Golden
const checkpoint = fixture('weights/cras/ckpt_best_0.pth')
const centres = fixture('weights/cras/center.pth')
const side = 288

// The pictures are the same bytes on both sides; what differs is float32 added in another order.
const tolerance = 1e-4

function fixture(path: string): string {
  return fileURLToPath(new URL(`../../../../fixtures/${path}`, import.meta.url))
}

/** `picture` of tools/golden/cras_import.py, `[288, 288, 3]`. */
function drawStripes(product: string, number: number): Uint8Array {
  const step = product === 'fine' ? 8 : 48
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const noise = Math.imul(i, 2654435761) >>> 27
    const [c, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / (3 * side))]
    const stripes = ((Math.floor(x / step) + Math.floor(y / (2 * step)) + number) % 2) * 90
    return (stripes + 30 * c + noise + 20 * number) % 256
  })
}

let folder: TestFolder
/** Three good pictures of each product, in folders of their names. */
let good: string
let imported: Drained<TrainEvent, ImportResult>
beforeAll(async () => {
  folder = await createTestFolder()
  good = folder.at('good')
  for (const product of golden.products)
    for (const number of [3, 4, 5])
      await folder.write(
        `good/${product}/${number}.png`,
        await encodePng(drawStripes(product, number), side, side, 3),
      )
  imported = await run({ out: folder.at('model.onnx') })
})
afterAll(() => folder[Symbol.asyncDispose]())

function run(options: Partial<ImportCrasOptions> = {}) {
  const backbone = 'efficientnet-lite2'
  const { products } = golden
  const out = folder.at('other.onnx')
  return drain(importCras({ checkpoint, centres, backbone, products, good, out, threads: 1, ...options }))
}

/** Warnings about `what`. */
function warningsOf(events: readonly TrainEvent[], what: string): string[] {
  return events.flatMap((e) => (e.type === 'warning' && e.message.includes(what) ? [e.message] : []))
}

test("the model gives the scores, maps and products of the authors' code", async () => {
  const { result, events } = imported
  expect(warningsOf(events, 'recognised')).toEqual([])
  await using session = await openSession(readFileSync(result.model), testDevice, 'the import')
  for (const { product, number, score, map } of golden.judged) {
    const data = drawStripes(product, number)
    const outputs = await session.run({ image: { dtype: 'uint8', shape: [1, side, side, 3], data } })
    expect(Math.abs(Number(outputs['score']?.data[0]) - score)).toBeLessThan(tolerance)
    expect(golden.products[Number(outputs['product']?.data[0])]).toBe(product)
    const values = outputs['map']?.data as Float32Array
    for (const [y, x, value] of map)
      expect(Math.abs((values[y * side + x] ?? NaN) - value)).toBeLessThan(tolerance)
  }
})

test('the card says whose the numbers are, what they saw and what the thresholds stand on', async () => {
  const { result } = imported
  const { card } = await readModelFile(result.model)
  const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(card).toMatchObject({
    method: 'cras',
    sees: 'test',
    weights: { backbone: 'efficientnet-lite2', licence: 'Apache-2.0' },
    data: { images: 0 },
    imported: [
      { file: 'ckpt_best_0.pth', sha256: sha256(checkpoint) },
      { file: 'center.pth', sha256: sha256(centres) },
    ],
    recipe: { mode: 'paper', features: { dimension: 4 }, cras: { adaptor: 'xavier', layers: 3 } },
  })
  expect(card.products.map((p) => [p.name, p.trainingImages, p.heldOutImages])).toEqual([
    ['fine', 0, 3],
    ['coarse', 0, 3],
  ])
  await using model = await openModel(result.model, { threads: 1 })
  const { record } = await model.inspect(folder.at('good/coarse/3.png'))
  expect(record).toMatchObject({ product: 'coarse', verdict: 'good' })
})

test('the file is written when its devices judge good pictures as the CPU does, and the card has the table', async () => {
  const { result, events } = imported
  const { card } = await readModelFile(result.model)
  expect(card.parity).toEqual(result.parity)
  // Two good pictures of each product, each as it is and with an inverted square.
  expect(card.parity).toEqual([{ provider: 'cpu', images: 8, misrouted: 0, score: 0, map: 0, mask: 0 }])
  const checked = events.filter((e) => e.type === 'stage' && e.stage === 'check').at(-1)
  expect(checked).toMatchObject({ done: 4, total: 4 })
})

test('a device that does not work here is told before anything is read, and nothing is written', async () => {
  const out = folder.at('nowhere.onnx')
  const unread = folder.at('none.pth')
  await expect(run({ out, checkpoint: unread, providers: ['cpu', 'cuda'] })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
  })
  expect(existsSync(out)).toBe(false)
})

test('names in another order than at the training are noticed', async () => {
  const { events } = await run({ products: ['coarse', 'fine'] })
  const warnings = warningsOf(events, 'recognised')
  expect(warnings).toHaveLength(2)
  expect(warnings[0]).toContain('Most good pictures of "coarse" are recognised as "fine"')
})

test('a threshold that no score can exceed is warned about', async () => {
  for (const product of golden.products)
    await folder.write(`mixed/${product}.png`, await encodePng(drawStripes(product, 3), side, side, 3))
  const { result, events } = await run({
    centres: await writeCentresOfOne(),
    products: ['stripes'],
    good: folder.at('mixed'),
  })
  expect(result.products[0]?.threshold).toBeGreaterThan(1)
  expect(warningsOf(events, 'The threshold of "stripes", extrapolated from 2')).toHaveLength(1)
})

test('thresholds from pictures of the training are warned about, those from validation are not', async () => {
  const names = { 'train/good/3.png': 3, 'validation/good/4.png': 4, 'validation/good/5.png': 5 }
  for (const [name, number] of Object.entries(names))
    for (const product of golden.products)
      await folder.write(
        `mvtec/${product}/${name}`,
        await encodePng(drawStripes(product, number), side, side, 3),
      )
  for (const product of golden.products)
    await folder.write(`seen/${product}/train/good/0.png`, readFileSync(folder.at(`good/${product}/3.png`)))
  const unseen = await run({ good: folder.at('mvtec') })
  expect(warningsOf(unseen.events, 'train/good')).toEqual([])
  expect(unseen.result.products.map((p) => p.heldOut)).toEqual([2, 2])
  const seen = await run({ good: folder.at('seen') })
  expect(warningsOf(seen.events, 'train/good')).toHaveLength(1)
})

test('one product needs no name, and a checkpoint without an adaptor is one', async () => {
  const { trained } = await readTensors()
  for (const name of trained.keys()) if (name.startsWith('pre_projection')) trained.delete(name)
  const { result } = await run({
    checkpoint: await folder.write('plain.safetensors', writeSafetensors(trained)),
    centres: await writeCentresOfOne(),
    products: undefined,
    good: folder.at('good/fine'),
  })
  expect(result.products.map((p) => p.name)).toEqual(['fine'])
  expect(result.recipe.cras.adaptor).toBe('none')
})

test.each([
  [undefined, 'OPTION_INVALID', 'those of 2 products; name them'],
  [['fine'], 'OPTION_INVALID', 'those of 2 products'],
  [['fine', 'fine'], 'OPTION_INVALID', 'given twice'],
  [['fine', 'rough'], 'PRODUCT_UNKNOWN', '"rough"'],
])('the names %j are refused: nothing tells which centres belong to whom', async (products, code, text) => {
  const out = folder.at('refused.onnx')
  await expect(run({ products, out })).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
})

test('files of anything else are refused by what they hold', async () => {
  const { trained, bank } = await readTensors()
  const write = (name: string, tensors: ReadonlyMap<string, Tensor>): Promise<string> =>
    folder.write(`${name}.safetensors`, writeSafetensors(tensors))
  const zeros = (...shape: number[]): Tensor => ({
    dtype: 'float32',
    shape,
    data: new Float32Array(shape.reduce((n, d) => n * d, 1)),
  })
  const extra = new Map([...trained, ['pre_projection.layers.1fc.weight', zeros(4, 4)]])
  const wide = new Map([...trained, ['discriminator.tail.0.weight', zeros(1, 3)]])
  const cut = new Map(trained)
  cut.delete('discriminator.body.block2.1.running_var')
  for (const [options, text] of [
    [{ checkpoint: centres }, 'it lacks "discriminator.body.block1.0.weight"'],
    [{ centres: checkpoint }, 'tensors instead of one'],
    [{ checkpoint: await write('extra', extra) }, 'it holds "pre_projection.layers.1fc.weight" as well'],
    [{ checkpoint: await write('wide', wide) }, '[1, 3] instead of float32 [1, 2]'],
    [{ checkpoint: await write('cut', cut) }, 'it lacks "discriminator.body.block2.1.running_var"'],
    [{ centres: await write('narrow', new Map([['c', zeros(2, 1296, 6)]])) }, 'centres of width 6'],
    [
      { centres: await write('small', new Map([['c', zeros(2, 1024, 4)]])) },
      '1024 positions instead of 36 x 36',
    ],
    [
      { centres: await write('flat', new Map([['c', zeros(2, 4)]])) },
      'instead of float32 [products, positions',
    ],
  ] as const)
    await expect(run(options), text).rejects.toMatchObject({
      code: 'WEIGHTS_UNSUITABLE',
      message: expect.stringContaining(text),
    })
  expect(bank.shape).toEqual([2, 1296, 4])
  await expect(run({ checkpoint: folder.at('none.pth') })).rejects.toMatchObject({
    code: 'WEIGHTS_UNREADABLE',
  })
})

async function readTensors(): Promise<{ trained: Map<string, Tensor>; bank: Tensor }> {
  const trained = new Map<string, Tensor>()
  await using file = await openCheckpoint(checkpoint)
  for (const name of file.names()) trained.set(name, await file.tensor(name))
  await using other = await openCheckpoint(centres)
  return { trained, bank: await other.tensor(other.names()[0] ?? '') }
}

/** Those of the first product alone. */
async function writeCentresOfOne(): Promise<string> {
  const { bank } = await readTensors()
  const [, size = 0, width = 0] = bank.shape
  const one = { ...bank, shape: [1, size, width], data: bank.data.slice(0, size * width) }
  return folder.write('one.safetensors', writeSafetensors(new Map([['centres', one]])))
}
