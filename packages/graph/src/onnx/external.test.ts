/** Models whose large constants lie in a second file. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { numbers } from '../../testing/op-case.ts'
import {
  createGraph,
  OnnxFormatError,
  readOnnx,
  setOnnxInitializer,
  setOnnxMetadata,
  tensor,
  writeOnnx,
  writeOnnxExternal,
  type DeferredTensor,
  type ExternalModel,
  type Graph,
  type Tensor,
} from '../index.ts'
import { ModelProtoSchema, TensorProto_DataLocation } from './onnx_pb.ts'

const weights = {
  first: numbers([16, 32]),
  bias: numbers([32], { seed: 2 }),
  second: numbers([32, 17], { seed: 3 }),
}

/** The same tensor, read when asked for; `log` notes each reading. */
function deferred({ dtype, shape, data }: Tensor, name = '', log: string[] = []): DeferredTensor {
  return {
    dtype,
    shape,
    read: () => {
      log.push(name)
      return Promise.resolve(data)
    },
  }
}

/** Two layers; all weights as they are, or all deferred. */
function layers(log?: string[]): Graph {
  const g = createGraph('layers')
  const weight = (name: keyof typeof weights) =>
    g.constant(log === undefined ? weights[name] : deferred(weights[name], name, log), name)
  const hidden = g.relu(g.add(g.matmul(g.input('x', 'float32', ['n', 16]), weight('first')), weight('bias')))
  g.output('y', g.matmul(hidden, weight('second')))
  return g.build()
}

async function dataOf({ chunks }: ExternalModel): Promise<Uint8Array> {
  return new Uint8Array(Buffer.concat(await Array.fromAsync(chunks())))
}

async function run(model: Uint8Array, external: Readonly<Record<string, Uint8Array>>): Promise<unknown> {
  const externalData = Object.entries(external).map(([path, data]) => ({ path, data }))
  const session = await InferenceSession.create(model, { externalData, logSeverityLevel: 4 })
  const { y } = await session.run({
    x: new OrtTensor('float32', numbers([2, 16]).data as Float32Array, [2, 16]),
  })
  await session.release()
  return y!.data
}

describe('writing', () => {
  test('two files compute what one file computes, with deferred constants and without', async () => {
    const whole = await run(writeOnnx(layers()), {})
    for (const graph of [layers(), layers([])]) {
      const external = await writeOnnxExternal(graph, { location: 'layers.data' })
      expect(await run(external.model, { 'layers.data': await dataOf(external) })).toEqual(whole)
    }
  })

  test('large constants lie at pages of the second file in the order of the graph, small ones stay', async () => {
    const external = await writeOnnxExternal(layers([]), { location: 'layers.data' })
    const { initializer } = fromBinary(ModelProtoSchema, external.model).graph!
    const entries = initializer.map(({ name, dataLocation, rawData, externalData }) => ({
      name,
      isExternal: dataLocation === TensorProto_DataLocation.EXTERNAL,
      bytes: rawData.length,
      ...Object.fromEntries(externalData.map(({ key, value }) => [key, value])),
    }))
    expect(entries).toEqual([
      { name: 'first', isExternal: true, bytes: 0, location: 'layers.data', offset: '0', length: '2048' },
      { name: 'bias', isExternal: false, bytes: 128 },
      { name: 'second', isExternal: true, bytes: 0, location: 'layers.data', offset: '4096', length: '2176' },
    ])
    const data = await dataOf(external)
    expect([data.length, external.dataBytes]).toEqual([6272, 6272])
    expect(data.slice(0, 2048)).toEqual(new Uint8Array(weights.first.data.buffer))
    expect(data.slice(2048, 4096)).toEqual(new Uint8Array(2048))
    expect(data.slice(4096)).toEqual(new Uint8Array(weights.second.data.buffer))
  })

  test('the same graph gives the same two files, deferred or not', async () => {
    const options = { location: 'layers.data', metadata: { a: '1' }, minBytes: 2100 }
    const [one, other] = await Promise.all([
      writeOnnxExternal(layers(), options),
      writeOnnxExternal(layers([]), options),
    ])
    expect(other.model).toEqual(one.model)
    expect(await dataOf(other)).toEqual(await dataOf(one))
    expect(one.dataBytes).toBe(2176)
  })

  test('a deferred constant is read when its turn comes, one at a time, and small ones at once', async () => {
    const log: string[] = []
    const { chunks } = await writeOnnxExternal(layers(log), { location: 'layers.data' })
    expect(log).toEqual(['bias'])
    const taken: string[] = []
    for await (const chunk of chunks()) taken.push(`${chunk.length} after ${log.join()}`)
    expect(taken).toEqual(['2048 after bias,first', '2048 after bias,first', '2176 after bias,first,second'])
  })

  test('a deferred constant that breaks its promise is refused where it is read', async () => {
    for (const data of [new Float32Array(511), new Float64Array(512)]) {
      const g = createGraph('broken')
      g.output('y', g.constant({ dtype: 'float32', shape: [512], read: () => Promise.resolve(data) }, 'w'))
      const { chunks } = await writeOnnxExternal(g.build(), { location: 'w' })
      await expect(Array.fromAsync(chunks())).rejects.toThrow('internal: ')
    }
  })

  test.each(['', '.', '..', 'folder/file', '../file', '/file', 'folder\\file', 'a\0b'])(
    'the location %j, which is no file name, is refused',
    async (location) => {
      await expect(writeOnnxExternal(layers(), { location })).rejects.toThrow('internal: external data go to')
    },
  )

  test('constants that a runtime must see while it loads cannot be sent away', async () => {
    await expect(writeOnnxExternal(layers(), { location: 'a', minBytes: 0 })).rejects.toThrow(
      'internal: constants of less than 1024 bytes stay in the model',
    )
  })

  test('one file refuses deferred constants, and more than it can hold before anything is copied', () => {
    expect(() => writeOnnx(layers([]))).toThrow(
      'internal: constant "first" of graph "layers" is deferred; write it with writeOnnxExternal',
    )
    const g = createGraph('huge')
    // Zeros that nobody touches take no memory.
    g.output('y', g.constant(tensor(new Uint8Array(2 ** 31), [2 ** 31]), 'w'))
    expect(() => writeOnnx(g.build())).toThrow(
      'internal: graph "huge" has 2147483737 bytes, and one ONNX file holds at most 2147483647',
    )
  })
})

describe('reading', () => {
  const written = async () => {
    const external = await writeOnnxExternal(layers(), { location: 'layers.data' })
    return { model: external.model, data: await dataOf(external) }
  }
  const readerOf =
    (data: Uint8Array, log: unknown[] = []) =>
    (...place: readonly [string, number, number]): Promise<Uint8Array> => {
      log.push(place)
      return Promise.resolve(data.subarray(place[1], place[1] + place[2]))
    }

  test('numbers in another file are read when asked for, and can be written again', async () => {
    const { model, data } = await written()
    const log: unknown[] = []
    const read = readOnnx(model, { readExternal: readerOf(data, log) })
    expect([read.inputs.length, [...read.initializers.keys()], [...read.external.keys()]]).toEqual([
      1,
      ['bias'],
      ['first', 'second'],
    ])
    expect(log).toEqual([])
    const second = read.external.get('second')!
    expect({ ...second, read: undefined, data: await second.read() }).toEqual({
      ...weights.second,
      read: undefined,
    })
    expect(log).toEqual([['layers.data', 4096, 2176]])
    const g = createGraph('again')
    g.output('y', g.constant(second, 'second'))
    expect(await dataOf(await writeOnnxExternal(g.build(), { location: 'again.data' }))).toEqual(
      data.slice(4096),
    )
  })

  test('a model without its second file is refused, and says which is missing', async () => {
    const { model } = await written()
    expect(() => readOnnx(model)).toThrow(OnnxFormatError)
    expect(() => readOnnx(model)).toThrow(
      'initializer "first" keeps its data in another file, "layers.data", which was not given',
    )
  })

  test('a second file that is cut is refused when the part is read', async () => {
    const { model, data } = await written()
    const { external } = readOnnx(model, { readExternal: readerOf(data.subarray(0, 5000)) })
    expect(await external.get('first')!.read()).toEqual(weights.first.data)
    await expect(external.get('second')!.read()).rejects.toThrow(
      '"layers.data" gives 904 bytes from 4096 on, and initializer "second" needs 2176: the file is cut',
    )
    await expect(external.get('second')!.read()).rejects.toThrow(OnnxFormatError)
  })

  const withEntries = (entries: Readonly<Record<string, string>>): Uint8Array =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        opsetImport: [{ version: 20n }],
        graph: {
          initializer: [
            {
              name: 'w',
              dataType: 1,
              dims: [2n],
              dataLocation: TensorProto_DataLocation.EXTERNAL,
              externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
            },
          ],
        },
      }),
    )
  const readExternal = readerOf(new Uint8Array(8))

  test.each(['../w', 'a/../../w', '/etc/w', '\\w', '..\\w', 'C:\\w', 'c:w', '', 'a//w', 'a\0'])(
    'the file %j outside the folder of the model is never asked for',
    (location) => {
      expect(() => readOnnx(withEntries({ location }), { readExternal })).toThrow('not beside the model')
    },
  )

  test.each([
    [{ location: 'w', offset: '-1' }, 'the offset or length "-1"'],
    [{ location: 'w', offset: '1e3' }, 'the offset or length "1e3"'],
    [{ location: 'w', offset: '9007199254740993' }, 'the offset or length "9007199254740993"'],
    [{ location: 'w', length: '4' }, 'has 4 bytes in "w", not 8'],
    [{ offset: '0' }, 'names none'],
  ])('%j is refused', (entries, reason) => {
    expect(() => readOnnx(withEntries(entries), { readExternal })).toThrow(reason)
    expect(() => readOnnx(withEntries(entries), { readExternal })).toThrow(OnnxFormatError)
  })

  test('offset and length may be left out, and a folder below the model is fine', async () => {
    const { external } = readOnnx(withEntries({ location: './part/w' }), { readExternal })
    expect(await external.get('w')!.read()).toEqual(new Float32Array(2))
  })

  test('changing a constant or the metadata leaves the places in the second file alone', async () => {
    const { model, data } = await written()
    const bias = numbers([32], { seed: 9 })
    const changed = setOnnxMetadata(setOnnxInitializer(model, 'bias', bias), { card: 'new' })
    const read = readOnnx(changed, { readExternal: readerOf(data) })
    expect([read.initializers.get('bias'), read.metadata]).toEqual([bias, { card: 'new' }])
    for (const name of ['first', 'second'] as const)
      expect(await read.external.get(name)!.read()).toEqual(weights[name].data)
    // One that lies outside is replaced by numbers in the model itself.
    const inside = readOnnx(setOnnxInitializer(model, 'first', weights.first), {
      readExternal: readerOf(data),
    })
    expect([inside.initializers.get('first'), [...inside.external.keys()]]).toEqual([
      weights.first,
      ['second'],
    ])
  })
})
