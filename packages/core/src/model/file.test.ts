import { AssayError, cardVersion } from '@assay/contract'
import { createGraph, readOnnxMetadata, setOnnxMetadata, writeOnnx } from '@assay/graph'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { createTestFolder } from '../testing/folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { cardOf, tinyModelBytes, tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { buildModel } from './build.ts'
import { fixProduct, readModelFile, recalibrate, writeModel } from './file.ts'

const parts = await trainTinyModel({ products: 2 })
const card = cardOf(parts)
const bytes = tinyModelBytes(parts, card)

/** The model with another text in place of its card. */
function withCardText(text: string): Uint8Array {
  return setOnnxMetadata(bytes, { ...readOnnxMetadata(bytes), 'assay.card': text })
}

function withCard(change: Record<string, unknown>): Uint8Array {
  return withCardText(JSON.stringify({ ...card, ...change }))
}

test('what is written is read, from bytes and from a file', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('model.onnx', bytes)
  expect(await readModelFile(bytes)).toMatchObject({ card, name: 'the model' })
  const read = await readModelFile(path)
  expect(read).toMatchObject({ card, name: path })
  expect(Buffer.compare(read.bytes, bytes)).toBe(0)
})

test('the same model and card give the same bytes', () => {
  expect(Buffer.compare(tinyModelBytes(parts, cardOf(parts)), bytes)).toBe(0)
})

test('a card that does not fit is not written', () => {
  expect(() => writeModel(buildModel(parts), { ...card, products: [] })).toThrow('products')
})

test.each([
  ['a missing file', 'nowhere.onnx', 'MODEL_NOT_FOUND'],
  ['a folder', '.', 'MODEL_UNREADABLE'],
])('%s is an error that names the path', async (_, name, code) => {
  await using folder = await createTestFolder()
  const path = folder.at(name)
  await expect(readModelFile(path)).rejects.toMatchObject({ code, params: { path } })
})

test('an empty file is told from a damaged one', async () => {
  await expect(readModelFile(new Uint8Array())).rejects.toMatchObject({
    code: 'MODEL_UNREADABLE',
    params: { reason: 'the file is empty' },
  })
})

/** The code of the error; any other fault goes up. */
async function outcomeOf(model: Uint8Array): Promise<string> {
  try {
    await readModelFile(model)
    return 'MODEL_READ'
  } catch (error) {
    if (error instanceof AssayError) return error.code
    throw error
  }
}

test('a file that was cut anywhere is refused', async () => {
  const lengths = [
    1,
    2,
    3,
    10,
    100,
    ...Array.from({ length: 60 }, (_, i) => Math.floor((bytes.length * i) / 60) + 1),
  ]
  for (let back = 1; back <= 40; back++) lengths.push(bytes.length - back)
  for (const length of lengths) {
    const code = await outcomeOf(bytes.slice(0, length))
    expect(code, `${length} of ${bytes.length}`).toBe('MODEL_UNREADABLE')
  }
})

test('a file cut exactly before its card is taken for a foreign one', async () => {
  const plain = setOnnxMetadata(bytes, {})
  expect(Buffer.compare(bytes.slice(0, plain.length), plain)).toBe(0)
  await expect(readModelFile(bytes.slice(0, plain.length))).rejects.toMatchObject({ code: 'MODEL_FOREIGN' })
})

test('no damage in the file gives anything but a model error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 8,
      }),
      async (damage) => {
        const damaged = bytes.slice()
        for (const [at, value] of damage) damaged[at] = value
        expect(await outcomeOf(damaged)).toMatch(/^MODEL_/)
      },
    ),
    { numRuns: 60 },
  )
})

test('a picture that was given as the model is refused', async () => {
  const { pixels } = drawPicture({ width: 40, height: 40, seed: 1 })
  await expect(readModelFile(pixels)).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' })
  await expect(readModelFile(new TextEncoder().encode('<html>404</html>'))).rejects.toMatchObject({
    code: 'MODEL_UNREADABLE',
  })
})

test('an ONNX file of somebody else is called foreign', async () => {
  const g = createGraph('foreign')
  g.output('y', g.add(g.input('x', 'float32', [2]), 1))
  const foreign = writeOnnx(g.build(), { metadata: { author: 'somebody' } })
  await expect(readModelFile(foreign)).rejects.toMatchObject({ code: 'MODEL_FOREIGN' })
})

test('a card of a newer version says so, however much else has changed in it', async () => {
  await expect(readModelFile(withCard({ version: cardVersion + 1 }))).rejects.toMatchObject({
    code: 'MODEL_TOO_NEW',
    params: { version: cardVersion + 1, known: cardVersion },
  })
  await expect(readModelFile(withCardText(`{"version": ${cardVersion + 7}}`))).rejects.toMatchObject({
    code: 'MODEL_TOO_NEW',
  })
})

test.each([
  ['text that is no JSON', '{"version": 1, ', 'its card is damaged'],
  ['no object', '42', 'does not fit'],
  ['nothing', 'null', 'does not fit'],
  ['no version', '{}', 'does not fit at "version"'],
])('a card of %s is unreadable', async (_, text, reason) => {
  await expect(readModelFile(withCardText(text))).rejects.toMatchObject({
    code: 'MODEL_UNREADABLE',
    params: { reason: expect.stringContaining(reason) },
  })
})

test('a card with a wrong entry says where', async () => {
  const [first, ...others] = card.products
  const products = [{ ...first, image: { threshold: 1, scale: -1 } }, ...others]
  await expect(readModelFile(withCard({ products }))).rejects.toMatchObject({
    params: { reason: expect.stringContaining('products.0.image.scale') },
  })
  await expect(readModelFile(withCard({ surprise: 1 }))).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' })
})

test('fixing the product changes the product and nothing else', async () => {
  const picture = drawPicture({ ...tinySize, seed: 33, kind: 1 })
  const run = async (model: Uint8Array): Promise<Record<string, number[]>> => {
    await using session = await openSession(model, testDevice, 'the model')
    const outputs = await session.run({
      image: { dtype: 'uint8', shape: [1, picture.height, picture.width, 3], data: picture.pixels },
    })
    return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, Array.from(t.data, Number)]))
  }
  const free = await run(bytes)
  const [first, second] = [await run(fixProduct(bytes, 0)), await run(fixProduct(bytes, 1))]
  expect([free['product'], first['product'], second['product']]).toEqual([[1], [0], [1]])
  expect(second).toEqual(free)
  expect(first['score']).not.toEqual(free['score'])
  expect(await run(fixProduct(fixProduct(bytes, 0), -1))).toEqual(free)
  expect((await readModelFile(fixProduct(bytes, 0))).card).toEqual(card)
})

test('other thresholds change the card and what the graph calls calibrated, and no other byte', async () => {
  const products = card.products.map((p) => ({
    ...p,
    image: { threshold: p.image.threshold + 2, scale: 0.25 },
  }))
  const other = { ...card, products }
  const changed = recalibrate(bytes, other)
  expect((await readModelFile(changed)).card).toEqual(other)
  expect(Buffer.compare(recalibrate(changed, card), bytes)).toBe(0)
  await using before = await openSession(fixProduct(bytes, 1), testDevice, 'the model')
  await using after = await openSession(fixProduct(changed, 1), testDevice, 'the model with other thresholds')
  const { pixels: data, height, width } = drawPicture({ ...tinySize, seed: 9, kind: 1 })
  const feeds = { image: { dtype: 'uint8' as const, shape: [1, height, width, 3], data } }
  const [was, is] = [await before.run(feeds), await after.run(feeds)]
  expect(is['map']).toEqual(was['map'])
  const score = Number(is['score']?.data[0])
  expect(score).toBe(Number(was['score']?.data[0]))
  const { threshold } = products[1]?.image ?? { threshold: NaN }
  expect(Number(is['calibrated']?.data[0])).toBeCloseTo(1 / (1 + Math.exp((threshold - score) / 0.25)), 5)
})
