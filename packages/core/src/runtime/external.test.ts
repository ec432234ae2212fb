/** Sessions over models whose large constants lie in a second file. */
import { createGraph, tensor, writeOnnxExternal, type Tensor } from '@assay/graph'
import { describe, expect, test } from 'vitest'
import { testDevice } from '../testing/device.ts'
import { createTestFolder } from '../testing/folder.ts'
import type { ModelSource } from './engine/engine.ts'
import { openSession } from './session.ts'

const input = tensor([1, 2, 3, 4], [1, 4])
const weight = Float32Array.from({ length: 4 * 512 }, (_, i) => Math.sin(i))
const expected = Array.from({ length: 512 }, (_, column) =>
  [1, 2, 3, 4].reduce((sum, x, row) => sum + x * weight[row * 512 + column]!, 0),
)

/** y = x w, with w, 8192 bytes, in the file `location`. */
async function write(location: string): Promise<{ readonly model: Uint8Array; readonly data: Uint8Array }> {
  const g = createGraph('layer')
  const read = (): Promise<Float32Array> => Promise.resolve(weight)
  const w = g.constant({ dtype: 'float32', shape: [4, 512], read }, 'w')
  g.output('y', g.matmul(g.input('x', 'float32', ['n', 4]), w))
  const { model, chunks } = await writeOnnxExternal(g.build(), { location })
  return { model, data: new Uint8Array(Buffer.concat(await Array.fromAsync(chunks()))) }
}

async function run(source: ModelSource): Promise<Tensor> {
  await using session = await openSession(source, testDevice, 'part-A.onnx')
  return (await session.run({ x: input }))['y']!
}

function expectResult({ data }: Tensor): void {
  expect(data.length).toBe(512)
  expected.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5))
}

function refusal(reason: string): object {
  return { code: 'RUN_FAILED', params: { what: 'part-A.onnx', reason: expect.stringContaining(reason) } }
}

test.each([false, true])(
  'a model and its data file run by path (weights kept mapped: %s)',
  async (keepMapped) => {
    await using folder = await createTestFolder()
    const { model, data } = await write('layer.data')
    await folder.write('layer.data', data)
    expectResult(await run({ path: await folder.write('layer.onnx', model), keepMapped }))
  },
)

test('a model and its data run from memory, which the session does not need afterwards', async () => {
  const { model, data } = await write('layer.data')
  await using session = await openSession(
    { bytes: model, external: { 'layer.data': data } },
    testDevice,
    'part-A.onnx',
  )
  data.fill(0)
  expectResult((await session.run({ x: input }))['y']!)
})

describe('a data file is refused', () => {
  test.each([
    ['that lacks its last byte', 8191],
    ['that lacks most', 10],
    ['that is empty', 0],
  ])('%s, on disk and in memory', async (_, length) => {
    await using folder = await createTestFolder()
    const { model, data } = await write('layer.data')
    const cut = data.subarray(0, length)
    await folder.write('layer.data', cut)
    const path = await folder.write('layer.onnx', model)
    for (const source of [
      { path },
      { path, keepMapped: true },
      { bytes: model, external: { 'layer.data': cut } },
    ])
      await expect(run(source)).rejects.toMatchObject(refusal('out of bounds'))
  })

  test('that is not there', async () => {
    await using folder = await createTestFolder()
    const { model, data } = await write('layer.data')
    const path = await folder.write('layer.onnx', model)
    await expect(run({ path })).rejects.toMatchObject(refusal('layer.data'))
    await expect(run({ bytes: model, external: { other: data } })).rejects.toMatchObject(
      refusal('layer.data'),
    )
  })

  test('that lies outside the folder of the model', async () => {
    await using folder = await createTestFolder()
    const { model, data } = await write('ab_layer.data')
    await folder.write('layer.data', data)
    // The writer refuses such a name, so it is put into the finished bytes.
    const changed = Buffer.from(
      Buffer.from(model).toString('latin1').replace('ab_layer', '../layer'),
      'latin1',
    )
    const path = await folder.write('inner/layer.onnx', changed)
    await expect(run({ path })).rejects.toMatchObject(refusal('escapes model directory'))
  })

  test('in the working directory, when only the bytes of a model are given', async () => {
    // A file that is there, and large enough.
    const { model } = await write('package-lock.json')
    await expect(run(model)).rejects.toMatchObject(refusal('package-lock.json not found'))
  })
})
