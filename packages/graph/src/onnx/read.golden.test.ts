/** Reading a file that the Python package onnx wrote, numbers in typed fields (tools/golden/graph.py). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readOnnx, tensor } from '../index.ts'

const { file } = JSON.parse(
  readFileSync(new URL('../../../../fixtures/golden/graph.json', import.meta.url), 'utf8'),
) as { readonly file: string }

test('a file of other origin is read whole', () => {
  const model = readOnnx(Uint8Array.from(Buffer.from(file, 'base64')))
  expect([model.name, model.producer, model.opset, model.metadata]).toEqual([
    'made by Python',
    'onnx-example',
    17,
    { key: 'value' },
  ])
  expect(model.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['n', 3, '?'] }])
  expect(model.outputs).toEqual([{ name: 'y', dtype: 'float32' }])
  expect(Object.fromEntries(model.initializers)).toEqual({
    float32: tensor([1.5, -2, 0, 4], [2, 2]),
    float64: tensor([0.1], [1], 'float64'),
    float16: tensor([1.5, -2], [2], 'float16'),
    int64: tensor(BigInt64Array.of(-(2n ** 40n), 5n), [2]),
    int32: tensor(Int32Array.of(-5, 6), [2]),
    uint8: tensor(Uint8Array.of(255, 0), [2]),
    bool: tensor(Uint8Array.of(1, 0), [2], 'bool'),
  })
  const [node] = model.nodes
  expect([node!.opType, node!.domain, node!.name, node!.inputs, node!.outputs]).toEqual([
    'Custom',
    'some.domain',
    'node',
    ['x', '', 'float32'],
    ['y'],
  ])
  expect(Object.fromEntries(node!.attributes)).toEqual({
    alpha: 0.5,
    axis: -1,
    mode: 'linear',
    axes: [0, 2],
    scales: [1, 0.25],
    names: ['a', 'b'],
    value: tensor(BigInt64Array.of(7n), []),
  })
})
