import { createGraph, setOnnxInitializer, writeOnnx, type GraphBuilder, type Value } from '@assay/graph'
import { expect, test } from 'vitest'
import { openSession, type Session } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { tinyModelBytes, trainTinyModel } from '../testing/tiny-model.ts'
import { compareSamples, samplePixels, sampleTolerance, takeSample } from './sample.ts'

const parts = await trainTinyModel({ products: 2 })
const bytes = tinyModelBytes(parts)
const inputs = [
  { height: 64, width: 96, seed: 0 },
  { height: 32, width: 64, seed: 1 },
]

function open(model: Uint8Array): Promise<Session> {
  return openSession(model, testDevice, 'the model')
}

test('the input is the closed formula of the reference', () => {
  const pixels = samplePixels({ height: 40, width: 30, seed: 3 })
  expect(pixels).toHaveLength(3600)
  for (const i of [0, 1, 77, 3599])
    expect(pixels[i]).toBe(Number((256n * ((BigInt(i) * 7919n + 104729n * 4n) % 10007n)) / 10007n))
  expect(samplePixels({ height: 40, width: 30, seed: 4 })).not.toEqual(pixels)
})

test('samples repeat in another session', async () => {
  await using first = await open(bytes)
  const samples = [await takeSample(first, inputs[0]!), await takeSample(first, inputs[1]!)]
  expect(samples[0]).toMatchObject({ input: inputs[0], map: { length: 9 } })
  await using second = await open(bytes)
  expect(await compareSamples(second, samples)).toBe(0)
})

test('the noted map values are those at their places', async () => {
  await using session = await open(bytes)
  const { map } = await takeSample(session, inputs[0]!)
  const outputs = await session.run({
    image: { dtype: 'uint8', shape: [1, 64, 96, 3], data: samplePixels(inputs[0]!) },
  })
  expect(map.map(({ y, x }) => [y, x])).toEqual([12, 32, 51].flatMap((y) => [19, 48, 76].map((x) => [y, x])))
  for (const { y, x, value } of map) expect(value).toBe(Number(outputs['map']?.data[y * 96 + x]))
})

test('a weight that changed in the file is noticed', async () => {
  await using session = await open(bytes)
  const samples = [await takeSample(session, inputs[0]!)]
  const bank = parts.fitted[0]?.tensors['bank']
  if (bank === undefined) throw new Error('no bank')
  const data = Float32Array.from(bank.data as Float32Array)
  // The memory of the product that the sample was taken for.
  const half = data.length / 2
  const start = samples[0]?.product === 0 ? 0 : half
  for (let i = start; i < start + half; i++) data[i]! *= 1.02
  await using changed = await open(setOnnxInitializer(bytes, 'bank', { ...bank, data }))
  expect(await compareSamples(changed, samples)).toBeGreaterThan(sampleTolerance)
})

test('another product is never within tolerance', async () => {
  await using session = await open(bytes)
  const sample = await takeSample(session, inputs[0]!)
  expect(await compareSamples(session, [{ ...sample, product: 1 - sample.product }])).toBe(Infinity)
})

/** A model whose score and map are made by `make` from the mean of the picture. */
function openOdd(make: (g: GraphBuilder, mean: Value) => Value): Promise<Session> {
  const g = createGraph('odd')
  const image = g.cast(g.input('image', 'uint8', ['n', 'h', 'w', 3]), 'float32')
  const score = make(g, g.mean(image, { axes: [1, 2, 3] }))
  g.output('score', score)
  g.output('map', g.mul(g.mean(image, { axes: [3] }), 1))
  return open(writeOnnx(g.build()))
}

test('a score that is no number never passes for a repetition', async () => {
  await using session = await openOdd((_, mean) => mean)
  const sample = await takeSample(session, inputs[0]!)
  await using broken = await openOdd((g, mean) => g.sqrt(g.neg(mean)))
  expect(await compareSamples(broken, [sample])).toBe(Infinity)
  await using endless = await openOdd((g, mean) => g.div(1, g.sub(mean, mean)))
  expect(await compareSamples(endless, [sample])).toBe(Infinity)
})

test('a difference counts in units of the largest value, and the worst one is given', async () => {
  await using session = await openOdd((_, mean) => mean)
  const sample = await takeSample(session, inputs[0]!)
  const largest = Math.max(Math.abs(sample.score), ...sample.map.map((m) => Math.abs(m.value)))
  const moved = { ...sample, map: sample.map.map((m, i) => (i === 4 ? { ...m, value: m.value - 1 } : m)) }
  expect(await compareSamples(session, [sample, moved])).toBeCloseTo(1 / largest, 6)
  expect(await compareSamples(session, [])).toBe(0)
})
