import * as fc from 'fast-check'
import { InferenceSession } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { numbers, runOnnx } from '../../testing/op-case.ts'
import {
  createGraph,
  OnnxFormatError,
  readOnnx,
  readOnnxMetadata,
  setOnnxInitializer,
  setOnnxMetadata,
  tensor,
  toNumbers,
  writeOnnx,
  type Graph,
} from '../index.ts'

function example(): Graph {
  const g = createGraph('example')
  const x = g.input('image', 'float32', ['n', 2, 'h', 'w'])
  const w = g.constant(numbers([3, 2, 3, 3]), 'stem.weight')
  const y = g.clip(g.conv(x, w, undefined, { pads: 1, strides: 2 }), { min: 0, max: 6 })
  g.output('map', g.resize(y, { like: x, mode: 'linear', coordinates: 'half-pixel' }))
  g.output('score', g.max(y, { axes: [1, 2, 3] }))
  return g.build()
}

describe('writing', () => {
  test('the same graph gives the same bytes', () => {
    expect(writeOnnx(example(), { metadata: { b: '2', a: '1' } })).toEqual(
      writeOnnx(example(), { metadata: { a: '1', b: '2' } }),
    )
  })

  test('inputs, outputs and named constants keep their names, sizes theirs, and equal constants are shared', () => {
    const model = readOnnx(writeOnnx(example(), { producer: 'test' }))
    expect(model.inputs).toEqual([{ name: 'image', dtype: 'float32', shape: ['n', 2, 'h', 'w'] }])
    expect(model.outputs).toEqual([
      { name: 'map', dtype: 'float32', shape: ['n', 3, 'h', 'w'] },
      { name: 'score', dtype: 'float32', shape: ['n'] },
    ])
    expect([model.name, model.producer, model.opset]).toEqual(['example', 'test', 20])
    expect(model.initializers.get('stem.weight')).toEqual(numbers([3, 2, 3, 3]))
    const contents = [...model.initializers.values()].map(
      ({ dtype, shape, data }) => `${dtype} ${shape.join()} ${data.join()}`,
    )
    expect(new Set(contents).size).toBe(contents.length)
  })

  test('attributes have the kinds that the operators want', () => {
    const conv = readOnnx(writeOnnx(example())).nodes.find(({ opType }) => opType === 'Conv')!
    expect(Object.fromEntries(conv.attributes)).toEqual({
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      dilations: [1, 1],
      group: 1,
      kernel_shape: [3, 3],
    })
  })

  test('outputs that are inputs, constants or other outputs are copied', async () => {
    const g = createGraph('aliases')
    const x = g.input('x', 'float32', [2])
    const y = g.exp(x)
    for (const [name, value] of Object.entries({
      same: x,
      stopped: g.stopGradient(x),
      once: y,
      twice: y,
      fixed: g.fill(2, []),
    })) {
      g.output(name, value)
    }
    const result = await runOnnx(g.build(), { x: tensor([0, 1], [2]) })
    expect([...result['same']!.data]).toEqual([0, 1])
    expect([...result['stopped']!.data]).toEqual([0, 1])
    expect(result['once']!.data).toEqual(result['twice']!.data)
    expect([...result['fixed']!.data]).toEqual([2])
  })

  test('names that the writer would choose itself may be taken', async () => {
    const g = createGraph('names')
    const x = g.input('Exp_0', 'float32', [1])
    g.output('Mul_1', g.mul(g.exp(x), g.constant(tensor([3], [1]), 'constant_0')))
    expect(toNumbers((await runOnnx(g.build(), { Exp_0: tensor([0], [1]) }))['Mul_1']!)[0]).toBe(3)
  })

  test('optional outputs appear only where they are read', () => {
    const model = (useBoth: boolean) => {
      const g = createGraph('optional')
      const x = g.input('x', 'float32', [2, 4])
      const [scale, bias] = [g.fill(1, [4]), g.fill(0, [4])]
      g.output('y', g.layerNorm(x, scale, bias))
      const { values, indices } = g.topK(x, 1)
      g.output('top', useBoth ? g.add(values, g.cast(indices, 'float32')) : values)
      return readOnnx(writeOnnx(g.build()))
    }
    const outputs = (opType: string, useBoth: boolean) =>
      model(useBoth).nodes.find((n) => n.opType === opType)!.outputs.length
    expect([outputs('LayerNormalization', false), outputs('TopK', false), outputs('TopK', true)]).toEqual([
      1, 2, 2,
    ])
  })

  test('all element types go through onnxruntime and back', async () => {
    const g = createGraph('types')
    const tensors = {
      float32: tensor([1.5, -2], [2]),
      float64: tensor([1.5, -2], [2], 'float64'),
      float16: tensor([1.5, -2], [2], 'float16'),
      int64: tensor(BigInt64Array.of(-(2n ** 60n), 3n), [2]),
      int32: tensor(Int32Array.of(-5, 7), [2]),
      uint8: tensor(Uint8Array.of(255, 0), [2]),
      bool: tensor(Uint8Array.of(1, 0), [2], 'bool'),
    }
    for (const [name, t] of Object.entries(tensors)) g.output(name, g.constant(t))
    const graph = g.build()
    const read = readOnnx(writeOnnx(graph))
    const result = await runOnnx(graph, {})
    for (const [name, t] of Object.entries(tensors)) {
      const copy = read.nodes.find((node) => node.outputs[0] === name)!
      expect(read.initializers.get(copy.inputs[0]!)).toEqual(t)
      if (name !== 'float16') expect(result[name]!.data).toEqual(t.data)
    }
  })

  test('an opset that was not tried is refused', () => {
    expect(() => writeOnnx(example(), { opset: 12 })).toThrow(
      'internal: cannot write ONNX opset 12, only 20 to 22',
    )
  })

  test.each([20, 21, 22])('opset %d runs', async (opset) => {
    const session = await InferenceSession.create(writeOnnx(example(), { opset }), { logSeverityLevel: 3 })
    expect(session.outputNames).toEqual(['map', 'score'])
    await session.release()
  })
})

describe('metadata', () => {
  const bytes = writeOnnx(example(), { metadata: { card: '{"a":1}', ünïcode: 'größe' } })

  test('come back as they were', () => {
    expect(readOnnxMetadata(bytes)).toEqual({ card: '{"a":1}', ünïcode: 'größe' })
    expect(readOnnx(bytes).metadata).toEqual(readOnnxMetadata(bytes))
  })

  test('are replaced without touching anything else', () => {
    const changed = setOnnxMetadata(bytes, { card: 'new' })
    expect(readOnnxMetadata(changed)).toEqual({ card: 'new' })
    expect(setOnnxMetadata(changed, {})).toEqual(setOnnxMetadata(writeOnnx(example()), {}))
    expect(readOnnx(changed).nodes).toEqual(readOnnx(bytes).nodes)
  })
})

describe('an initializer', () => {
  const bytes = writeOnnx(example(), { metadata: { card: '1' } })
  const other = numbers([3, 2, 3, 3], { seed: 2 })

  test('takes other contents, and nothing else changes', () => {
    const changed = setOnnxInitializer(bytes, 'stem.weight', other)
    expect(readOnnx(changed).initializers.get('stem.weight')).toEqual(other)
    expect(setOnnxInitializer(changed, 'stem.weight', numbers([3, 2, 3, 3]))).toEqual(bytes)
  })

  test('of another name, type or shape is refused', () => {
    expect(() => setOnnxInitializer(bytes, 'w', other)).toThrow('the model has no initializer "w"')
    for (const wrong of [numbers([3, 2, 9]), numbers([3, 2, 3, 3], { dtype: 'float64' })]) {
      expect(() => setOnnxInitializer(bytes, 'stem.weight', wrong)).toThrow('has another type or shape')
    }
  })
})

describe('reading what is not a whole model', () => {
  const bytes = writeOnnx(example(), { metadata: { card: 'x'.repeat(20) } })
  const attempts = [
    readOnnx,
    readOnnxMetadata,
    (b: Uint8Array) => setOnnxMetadata(b, { a: 'b' }),
    (b: Uint8Array) => setOnnxInitializer(b, 'stem.weight', numbers([3, 2, 3, 3], { seed: 2 })),
  ]
  const survives = (damaged: Uint8Array): void => {
    for (const attempt of attempts) {
      try {
        attempt(damaged)
      } catch (error) {
        if (!(error instanceof OnnxFormatError)) throw error
        expect(error.message.length).toBeGreaterThan(10)
      }
    }
  }

  test('an empty file, text and a picture are refused with a reason', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)
    for (const garbage of [new Uint8Array(0), new TextEncoder().encode('<html>not found</html>'), png]) {
      for (const attempt of attempts) expect(() => attempt(garbage)).toThrow(OnnxFormatError)
    }
    expect(() => readOnnx(new Uint8Array(0))).toThrow('the file holds no graph, so it is no ONNX model')
  })

  test('a file cut anywhere is refused, or is still a model', () => {
    for (let length = 0; length < bytes.length; length++) survives(bytes.subarray(0, length))
    expect(() => readOnnx(bytes.subarray(0, bytes.length - 60))).toThrow('or only a part of one')
  })

  test('changed, inserted and random bytes never give another error', () => {
    const position = fc.nat(bytes.length - 1)
    fc.assert(
      fc.property(fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = Uint8Array.from(bytes)
        for (const [at, value] of changes) damaged[at] = value
        survives(damaged)
      }),
      { numRuns: 1500 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), survives), { numRuns: 500 })
    fc.assert(
      fc.property(position, fc.uint8Array({ minLength: 1, maxLength: 16 }), (at, inserted) =>
        survives(Uint8Array.of(...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at))),
      ),
      { numRuns: 300 },
    )
  })
})
