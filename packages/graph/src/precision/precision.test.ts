import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { numbers } from '../../testing/op-case.ts'
import {
  computeInFloat16,
  createGraph,
  observeTensors,
  OnnxFormatError,
  quantiseModel,
  readOnnxMetadata,
  setOnnxInitializer,
  storeAsFloat16,
  tensor,
  tensorsToObserve,
  toFloat16Bits,
  writeOnnx,
  type Range,
} from '../index.ts'
import { constantBehind, isOf, readGraph } from './edit.ts'

const isLayer = (name: string): boolean => name.startsWith('net.')
const size = { height: 9, width: 7 }
const picture = Float32Array.from({ length: 3 * 9 * 7 }, (_, i) => Math.sin(i * 1.7))

/** Convolutions with a sum, two linear layers, and a head that measures distances to a bank. */
function network(): Uint8Array {
  const g = createGraph('network')
  const weight = (shape: number[], seed: number, name: string) =>
    g.constant(numbers(shape, { seed }), `net.${name}`)
  const conv = (x: ReturnType<typeof weight>, out: number, into: number, name: string) =>
    g.conv(x, weight([out, into, 3, 3], out + into, `${name}.weight`), weight([out], 7, `${name}.bias`), {
      pads: 1,
    })
  const x = g.input('image', 'float32', ['n', 3, 'h', 'w'])
  const stem = g.clip(conv(x, 16, 3, 'stem'), { min: 0, max: 6 })
  const inner = g.clip(conv(stem, 16, 16, 'inner'), { min: 0, max: 6 })
  const out = g.add(conv(inner, 16, 16, 'outer'), stem)
  const rows = g.reshape(
    g.transpose(g.averagePool(out, { kernel: [3, 3], strides: 1, pads: 1 }), [0, 2, 3, 1]),
    [-1, 16],
  )
  // In float16, as the weights of our backbones are kept.
  const bits = Uint16Array.from(numbers([24, 16], { seed: 5 }).data as Float32Array, toFloat16Bits)
  const half = g.cast(g.constant(tensor(bits, [24, 16]), 'net.linear.weight'), 'float32')
  const linear = g.gemm(rows, half, weight([24], 9, 'linear.bias'), { transB: true })
  const features = g.matmul(g.relu(linear), weight([24, 8], 11, 'last.weight'))
  const bank = g.constant(numbers([64, 8], { seed: 3 }), 'bank')
  const distance = g.sub(
    g.sum(g.square(bank), { axes: [1] }),
    g.matmul(features, g.transpose(g.mul(bank, 2), [1, 0])),
  )
  g.output('stem', g.add(stem, 0))
  g.output('features', features)
  g.output('score', g.div(g.min(distance, { axes: [1] }), g.constant(tensor([3], [1]), 'calibration.scale')))
  return writeOnnx(g.build(), { metadata: { card: '{}' } })
}

async function run(
  model: Uint8Array,
  outputs: readonly string[],
  image = picture,
): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(model)
  const feeds = { image: new OrtTensor('float32', image, [1, 3, size.height, size.width]) }
  const found = await session.run(feeds, outputs)
  await session.release()
  return Object.fromEntries(outputs.map((name) => [name, found[name]?.data as Float32Array]))
}

async function rangesOf(model: Uint8Array): Promise<ReadonlyMap<string, Range>> {
  const { bytes, outputs } = observeTensors(model, tensorsToObserve(model, isLayer))
  const found = await run(
    bytes,
    outputs.flatMap(({ min, max }) => [min, max]),
  )
  return new Map(
    outputs.map(({ tensor, min, max }) => [tensor, { min: found[min]![0]!, max: found[max]![0]! }]),
  )
}

/** Largest difference over the spread of what is expected. */
function farthest(found: Float32Array, expected: Float32Array): number {
  const spread = Math.max(...expected) - Math.min(...expected)
  return Math.max(...found.map((v, i) => Math.abs(v - expected[i]!))) / spread
}

const whole = network()
const expected = await run(whole, ['features', 'score'])

describe('float16 in the file', () => {
  test('large constants take half the bytes and are read as float32; names, metadata and arithmetic stay', async () => {
    const halved = storeAsFloat16(whole)
    expect(halved.length / whole.length).toBeLessThan(0.65)
    const { initializers } = readGraph(halved)
    expect(['bank', 'net.inner.weight'].every((name) => isOf(initializers.get(name)!, 'float16'))).toBe(true)
    expect(isOf(initializers.get('net.stem.bias')!, 'float32')).toBe(true)
    expect(readOnnxMetadata(halved)).toEqual({ card: '{}' })
    const found = await run(halved, ['features', 'score'])
    expect(farthest(found['score']!, expected['score']!)).toBeLessThan(2e-3)
    // Once more changes nothing: what is float16 stays as it is.
    expect(storeAsFloat16(halved)).toEqual(halved)
  })

  test('a constant that is to be kept, or that float16 cannot hold, stays float32', () => {
    const huge = setOnnxInitializer(whole, 'bank', tensor(new Float32Array(512).fill(70_000), [64, 8]))
    expect(isOf(readGraph(storeAsFloat16(huge)).initializers.get('bank')!, 'float32')).toBe(true)
    const kept = storeAsFloat16(whole, (name) => name === 'net.inner.weight')
    expect(isOf(readGraph(kept).initializers.get('net.inner.weight')!, 'float32')).toBe(true)
    const again = setOnnxInitializer(kept, 'calibration.scale', tensor([5], [1]))
    expect(again.length).toBe(kept.length)
  })
})

describe('float16 in the layers', () => {
  const half = computeInFloat16(whole, isLayer)
  const graph = readGraph(half)
  const castsBefore = (name: string): string | undefined => graph.makers.get(name)?.opType

  test('layers and what lies between them read float16; averages and distances read float32', () => {
    const convs = graph.graph.node.filter(({ opType }) => opType === 'Conv')
    expect(convs).toHaveLength(3)
    for (const { input } of convs) expect(isOf(constantBehind(graph, input[1]!)!, 'float16')).toBe(true)
    // One cast in front of the first layer, none between the convolutions.
    expect(convs.map(({ input }) => castsBefore(input[0]!))).toEqual(['Cast', 'Clip', 'Clip'])
    const pool = graph.graph.node.find(({ opType }) => opType === 'AveragePool')
    expect(castsBefore(pool!.input[0]!)).toBe('Cast')
    expect(isOf(graph.initializers.get('bank')!, 'float32')).toBe(true)
  })

  test('it opens, and gives the features of float32 to what float16 resolves', async () => {
    const found = await run(half, ['features', 'score'])
    expect(farthest(found['features']!, expected['features']!)).toBeLessThan(3e-3)
    expect(farthest(found['score']!, expected['score']!)).toBeLessThan(3e-3)
  })

  test('a layer with a weight that float16 cannot hold stays, and the model still runs', async () => {
    const weights = numbers([16, 16, 3, 3], { seed: 32 })
    const data = Float32Array.from(weights.data as Float32Array)
    data[0] = 1e6
    const odd = setOnnxInitializer(whole, 'net.inner.weight', tensor(data, [16, 16, 3, 3]))
    const found = await run(computeInFloat16(odd, isLayer), ['features'])
    expect(farthest(found['features']!, (await run(odd, ['features']))['features']!)).toBeLessThan(3e-3)
  })
})

describe('int8', () => {
  test('features stay near, the head reads float32, and layers that read the picture are left alone', async () => {
    const quantised = quantiseModel(whole, isLayer, await rangesOf(whole))
    const found = await run(quantised, ['features', 'score'])
    expect(farthest(found['features']!, expected['features']!)).toBeLessThan(0.05)
    const graph = readGraph(quantised)
    const byName = (name: string) => graph.initializers.get(name)
    expect(byName('net.stem.weight')).toBeDefined()
    expect(byName('net.inner.weight')).toBeUndefined()
    expect(isOf(byName('bank')!, 'float32')).toBe(true)
    // Seven bits: the products of two neighbours fit into 16 bits on every machine.
    const bits = new Int8Array(Uint8Array.from(byName('net.inner.weight.quantised')!.rawData).buffer)
    expect([Math.min(...bits) >= -63, Math.max(...bits.map(Math.abs))]).toEqual([true, 63])
    expect(byName('net.inner.weight.scale')!.dims).toEqual([16n])
    expect(readOnnxMetadata(quantised)).toEqual({ card: '{}' })
  })

  test('the range that was observed is that of the tensor, and what lies beyond it is cut', async () => {
    const ranges = await rangesOf(whole)
    const { stem } = await run(whole, ['stem'])
    expect([...ranges.values()][0]).toEqual({ min: Math.min(...stem!), max: Math.max(...stem!) })
    expect(ranges.size).toBe(6)
    const narrow = new Map([...ranges].map(([name, { min, max }]) => [name, { min: min / 4, max: max / 4 }]))
    const near = await run(quantiseModel(whole, isLayer, ranges), ['features'])
    const cut = await run(quantiseModel(whole, isLayer, narrow), ['features'])
    expect(farthest(cut['features']!, expected['features']!)).toBeGreaterThan(
      3 * farthest(near['features']!, expected['features']!),
    )
  })

  test('a tensor that is zero on every picture is rounded to zero, not to nothing that can be computed', async () => {
    const ranges = new Map([...(await rangesOf(whole)).keys()].map((name) => [name, { min: 0, max: 0 }]))
    const { features } = await run(quantiseModel(whole, isLayer, ranges), ['features'])
    expect(features!.every((v) => Number.isFinite(v))).toBe(true)
  })

  test('weights that a float16 file keeps are taken from there', async () => {
    const halved = storeAsFloat16(whole)
    const found = await run(quantiseModel(halved, isLayer, await rangesOf(halved)), ['features'])
    expect(farthest(found['features']!, expected['features']!)).toBeLessThan(0.05)
  })

  test('a range that was not observed is a fault of the caller', () => {
    expect(() => quantiseModel(whole, isLayer, new Map())).toThrow('internal: the range of')
  })
})

test.each([
  ['storing', () => storeAsFloat16(new Uint8Array([1, 2, 3]))],
  ['computing', () => computeInFloat16(whole.subarray(0, whole.length - 5), isLayer)],
  ['observing', () => tensorsToObserve(new Uint8Array(), isLayer)],
])('%s refuses what is no model', (_, act) => {
  expect(act).toThrow(OnnxFormatError)
})
