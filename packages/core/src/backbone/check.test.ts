import type { Tensor } from '@assay/graph'
import { expect, test } from 'vitest'

import { openCheckpoint, writeSafetensors, type Checkpoint } from '../weights/index.ts'
import { createTestBackbone } from '../testing/backbone.ts'
import { checkTensors } from './check.ts'

const entry = {
  card: createTestBackbone().card,
  tensors: new Map([
    ['conv1.weight', [2, 3, 1, 1]],
    ['block.conv1.weight', [2, 2]],
    ['bn.bias', [2]],
  ]),
}

function zeros(shape: readonly number[], dtype: 'float32' | 'int64' = 'float32'): Tensor {
  const count = shape.reduce((n, d) => n * d, 1)
  return { dtype, shape, data: dtype === 'int64' ? new BigInt64Array(count) : new Float32Array(count) }
}

function open(prefix = '', changes: Readonly<Record<string, Tensor | null>> = {}): Promise<Checkpoint> {
  const tensors = new Map<string, Tensor>()
  for (const [name, shape] of entry.tensors) tensors.set(prefix + name, zeros(shape))
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor === null) tensors.delete(name)
    else tensors.set(name, tensor)
  }
  return openCheckpoint(writeSafetensors(tensors), { name: 'some.pth' })
}

test.each(['', 'state_dict.', 'model.', 'module.', 'state_dict.module.'])(
  'a file whose names begin with "%s" is read under the published names',
  async (prefix) => {
    const counter = { [`${prefix}bn.num_batches_tracked`]: zeros([], 'int64') }
    await using file = await open(prefix, counter)
    const checked = checkTensors(entry, file)
    for (const [name, shape] of entry.tensors) {
      expect(checked.info(name).shape).toEqual(shape)
      expect((await checked.tensor(name)).shape).toEqual(shape)
    }
    expect(checked.names().toSorted()).toEqual([...entry.tensors.keys(), 'bn.num_batches_tracked'].toSorted())
  },
)

test('what lies beside the wrapped tensors is left alone', async () => {
  await using file = await open('state_dict.', { 'optimizer.state': zeros([4]) })
  expect(checkTensors(entry, file).has('bn.bias')).toBe(true)
})

test('a feature extractor that was saved without its classifier is read, but not one with another classifier', async () => {
  const classified = { ...entry, dispensable: ['bn.bias'] }
  await using without = await open('module.', { 'module.bn.bias': null })
  expect(checkTensors(classified, without).has('bn.bias')).toBe(false)
  await using other = await open('', { 'bn.bias': zeros([3]) })
  expect(() => checkTensors(classified, other)).toThrow('"bn.bias" is float32 [3]')
})

test.each([
  ['a missing tensor', { 'bn.bias': null }, 'it lacks "bn.bias"'],
  ['another shape', { 'bn.bias': zeros([3]) }, '"bn.bias" is float32 [3] instead of float32 [2]'],
  ['another kind of number', { 'bn.bias': zeros([2], 'int64') }, '"bn.bias" is int64 [2]'],
  [
    'a deeper network',
    { 'block2.conv1.weight': zeros([2]) },
    'more than that network: "block2.conv1.weight"',
  ],
])('%s is refused by its name', async (_, changes, reason) => {
  await using file = await open('', changes)
  const code = expect.objectContaining({
    code: 'WEIGHTS_UNSUITABLE',
    message: expect.stringContaining(reason),
  })
  expect(() => checkTensors(entry, file)).toThrowError(code)
})

test('a file of quite another network is refused with the first names and the number of the others', async () => {
  await using file = await openCheckpoint(writeSafetensors(new Map([['x', zeros([1])]])), {
    name: 'other.pth',
  })
  const wide = { ...entry, tensors: new Map(Array.from({ length: 9 }, (_, i) => [`layer${i}`, [1]])) }
  expect(() => checkTensors(wide, file)).toThrow(
    'other.pth does not hold the weights "test": it lacks "layer0", "layer1", "layer2" and 6 more; ' +
      'it has more than that network: "x".',
  )
})
