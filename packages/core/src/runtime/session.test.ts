import { createGraph, writeOnnx, type GraphBuilder, type Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import { testDevice } from '../testing/device.ts'
import { openSession, openStatefulSession, runtimeVersion } from './session.ts'

function modelOf(build: (g: GraphBuilder) => void): Uint8Array {
  const g = createGraph('test')
  build(g)
  return writeOnnx(g.build())
}

function floats(...values: readonly number[]): Tensor {
  return { dtype: 'float32', shape: [values.length], data: Float32Array.from(values) }
}

const twice = modelOf((g) => {
  const x = g.input('x', 'float32', ['n'])
  g.output('double', g.mul(x, 2))
  g.output('square', g.square(x))
})

test('a session runs many times, with any size, and gives all outputs or those asked for', async () => {
  await using session = await openSession(twice, testDevice, 'the test')
  expect([session.inputNames, session.outputNames]).toEqual([['x'], ['double', 'square']])
  for (let n = 1; n < 4; n++) {
    const values = Array.from({ length: n }, (_, i) => i + n)
    const { double, square } = await session.run({ x: floats(...values) })
    expect(double).toEqual(floats(...values.map((v) => 2 * v)))
    expect(square).toEqual(floats(...values.map((v) => v * v)))
  }
  expect(Object.keys(await session.run({ x: floats(1) }, ['square']))).toEqual(['square'])
})

test('results of an earlier run are not overwritten by a later one', async () => {
  await using session = await openSession(twice, testDevice, 'the test')
  const first = await session.run({ x: floats(1, 2) })
  await session.run({ x: floats(5, 6) })
  expect(first['double']).toEqual(floats(2, 4))
})

test('the element types that models take and give go in and come out', async () => {
  const tensors: Readonly<Record<string, Tensor>> = {
    float32: floats(1.5, -2),
    float64: { dtype: 'float64', shape: [2], data: Float64Array.of(1 / 3, 2) },
    bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
    int64: { dtype: 'int64', shape: [2], data: BigInt64Array.of(-5n, 2n ** 60n) },
    int32: { dtype: 'int32', shape: [2], data: Int32Array.of(-7, 8) },
    uint8: { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
  }
  const model = modelOf((g) => {
    for (const [name, t] of Object.entries(tensors))
      g.output(`${name}.out`, g.reshape(g.input(name, t.dtype, t.shape), [2, 1]))
  })
  await using session = await openSession(model, testDevice, 'the test')
  const outputs = await session.run(tensors)
  for (const [name, t] of Object.entries(tensors)) {
    expect(outputs[`${name}.out`]).toMatchObject({ dtype: t.dtype, shape: [2, 1] })
    expect(Array.from(outputs[`${name}.out`]?.data ?? [], Number)).toEqual(Array.from(t.data, Number))
  }
})

test('the state loops: what a step puts out is what the next one takes in', async () => {
  const model = modelOf((g) => {
    const total = g.input('total', 'float32', [2])
    const count = g.input('count', 'int64', [1])
    const next = g.add(total, g.input('x', 'float32', [2]))
    g.output('total.next', next)
    g.output('count.next', g.add(count, 1))
    g.output('mean', g.div(next, g.cast(g.add(count, 1), 'float32')))
  })
  const initial = {
    total: floats(10, 0),
    count: { dtype: 'int64' as const, shape: [1], data: BigInt64Array.of(0n) },
  }
  await using session = await openStatefulSession(
    model,
    testDevice,
    'the test',
    { total: 'total.next', count: 'count.next' },
    initial,
  )
  expect(await session.readState()).toEqual(initial)
  expect(await session.step({ x: floats(2, 4) })).toEqual({ mean: floats(12, 4) })
  expect(await session.step({ x: floats(0, 2) })).toEqual({ mean: floats(6, 3) })
  const state = await session.readState()
  expect(state).toEqual({
    total: floats(12, 6),
    count: { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n) },
  })
  await session.step({ x: floats(1, 1) })
  // A copy of the state, as for a checkpoint, does not change with the session.
  expect(state['total']).toEqual(floats(12, 6))
  expect(initial.total).toEqual(floats(10, 0))
})

test('a state that does not fit fails by name and keeps the last good one', async () => {
  const model = modelOf((g) => {
    g.output('next', g.add(g.input('state', 'float32', [2]), g.input('x', 'float32', [2])))
  })
  await using session = await openStatefulSession(
    model,
    testDevice,
    'counting',
    { state: 'next' },
    { state: floats(1, 1) },
  )
  await expect(session.step({ x: floats(1, 2, 3) })).rejects.toMatchObject({ code: 'RUN_FAILED' })
  expect(await session.readState()).toEqual({ state: floats(1, 1) })
  await session.step({ x: floats(1, 2) })
  expect(await session.readState()).toEqual({ state: floats(2, 3) })
})

test.each([
  ['a missing input', {}],
  ['another element type', { x: { dtype: 'int32' as const, shape: [1], data: Int32Array.of(1) } }],
  ['another rank', { x: { dtype: 'float32' as const, shape: [1, 1], data: Float32Array.of(1) } }],
  [
    'fewer values than the shape says',
    { x: { dtype: 'float32' as const, shape: [5], data: Float32Array.of(1) } },
  ],
])('%s is RUN_FAILED with the name of the model', async (_, feeds) => {
  await using session = await openSession(twice, testDevice, 'part-A.onnx')
  await expect(session.run(feeds)).rejects.toMatchObject({
    code: 'RUN_FAILED',
    params: { what: 'part-A.onnx' },
    message: expect.stringContaining('part-A.onnx'),
  })
})

test('bytes that are no model are RUN_FAILED with the name and one line of reason', async () => {
  for (const bytes of [new Uint8Array(), Uint8Array.of(1, 2, 3, 4), twice.slice(0, twice.length - 20)]) {
    const error = await openSession(bytes, testDevice, 'part-A.onnx').catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'RUN_FAILED', params: { what: 'part-A.onnx' } })
    expect((error as Error).message).not.toContain('\n')
    expect((error as Error).cause).toBeInstanceOf(Error)
  }
})

test('an output that the model lacks is refused', async () => {
  await using session = await openSession(twice, testDevice, 'the test')
  await expect(session.run({ x: floats(1) }, ['triple'])).rejects.toMatchObject({ code: 'RUN_FAILED' })
})

test('a session that was closed says so instead of crashing', async () => {
  const session = await openSession(twice, testDevice, 'the test')
  await session[Symbol.asyncDispose]()
  await expect(session.run({ x: floats(1) })).rejects.toMatchObject({ code: 'RUN_FAILED' })
  // Closed by hand and again by its scope.
  await session[Symbol.asyncDispose]()
})

test('the version of the runtime is known, for the card', () => {
  expect(runtimeVersion).toMatch(/^\d+\.\d+\.\d+/)
})
