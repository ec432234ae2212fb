/** Initialisers written by the onnx package, and what its own reader gives back (tools/golden/weights_onnx.py). */
import { createGraph, toNumbers, writeOnnx, type Tensor } from '@assay/graph'
import fs from 'node:fs'
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { openCheckpoint } from './open.ts'
import { concat, field, operatorSet, varintField } from './testing/protobuf.ts'

interface Expected {
  readonly tensors: Record<
    string,
    Record<string, { dtype: string; shape: number[]; values: (number | boolean | string)[] }>
  >
}
const fixtures = new URL('../../../../fixtures/', import.meta.url)
const file = (name: string): string => fileURLToPath(new URL(`weights/${name}`, fixtures))
const expected = JSON.parse(
  fs.readFileSync(new URL('golden/weights-onnx.json', fixtures), 'utf8'),
) as Expected

function valuesOf(tensor: Tensor): (number | boolean | string)[] {
  const { dtype, data } = tensor
  if (data instanceof BigInt64Array) return Array.from(data, String)
  if (dtype === 'float16') return [...toNumbers(tensor)]
  if (dtype === 'bool') return Array.from(data as Uint8Array, (v) => v === 1)
  return [...data]
}

describe.each(Object.entries(expected.tensors))('%s', (name, tensors) => {
  test('gives the tensors that onnx gives', async () => {
    await using checkpoint = await openCheckpoint(file(name))
    expect(checkpoint.format).toBe('onnx')
    expect(checkpoint.names()).toEqual(Object.keys(tensors))
    for (const [tensorName, want] of Object.entries(tensors)) {
      expect(checkpoint.info(tensorName)).toEqual({ dtype: want.dtype, shape: want.shape })
      const got = await checkpoint.tensor(tensorName)
      expect(got.shape).toEqual(want.shape)
      expect(valuesOf(got)).toEqual(want.values)
    }
  })
})

test('the constants of a model that Assay writes are read', async () => {
  const g = createGraph('sum')
  const x = g.input('x', 'float32', [2])
  g.output('y', g.add(x, g.constant({ dtype: 'float32', shape: [2], data: Float32Array.of(3, 4) })))
  await using checkpoint = await openCheckpoint(writeOnnx(g.build()))
  const [name = ''] = checkpoint.names()
  expect([...(await checkpoint.tensor(name)).data]).toEqual([3, 4])
})

test('dimensions may be packed', async () => {
  await using checkpoint = await openCheckpoint(
    modelOf(
      concat(field(1, Uint8Array.of(2, 1)), varintField(2, 2), field(8, 'w'), field(9, Uint8Array.of(5, 6))),
    ),
  )
  expect(await checkpoint.tensor('w')).toEqual({ dtype: 'uint8', shape: [2, 1], data: Uint8Array.of(5, 6) })
})

const twoBytes = concat(varintField(1, 2), field(8, 'w'))
test.each([
  ['a string tensor', concat(twoBytes, varintField(2, 8)), 'element type 8'],
  ['an 8-bit float', concat(twoBytes, varintField(2, 17)), 'element type 17'],
  ['no numbers', concat(twoBytes, varintField(2, 2)), '0 bytes for shape [2]'],
  ['too many numbers', concat(twoBytes, varintField(2, 2), field(9, new Uint8Array(3))), '3 bytes for shape'],
  ['floats for bytes', concat(twoBytes, varintField(2, 2), field(4, new Uint8Array(8))), 'another type'],
  ['two fields of numbers', concat(twoBytes, varintField(2, 2), field(9, 'ab'), field(9, 'ab')), 'in pieces'],
  ['numbers one by one', concat(twoBytes, varintField(2, 2), varintField(5, 1)), 'in pieces'],
  ['a segment', concat(twoBytes, varintField(2, 2), field(3, ''), field(9, 'ab')), 'one segment'],
  ['a negative side', concat(varintField(1, -2), field(8, 'w'), varintField(2, 2)), 'no proper shape'],
  [
    'a side beyond counting',
    concat(field(1, Uint8Array.of(255, 255)), field(8, 'w'), varintField(2, 2)),
    'no proper',
  ],
  ['no name', concat(varintField(1, 2), varintField(2, 2), field(9, 'ab')), 'without a name'],
  ['a name of damaged text', concat(field(8, Uint8Array.of(0xff)), varintField(2, 2)), 'not UTF-8'],
  [
    '33 dimensions',
    concat(...Array.from({ length: 33 }, () => varintField(1, 1))),
    'more than 32 dimensions',
  ],
])('an initialiser with %s is turned down', async (_, tensor, reason) => {
  await expect(openCheckpoint(modelOf(tensor))).rejects.toThrow(reason)
})

test('numbers that the typed field has too few of are turned down when they are read', async () => {
  const halves = concat(twoBytes, varintField(2, 6), field(5, Uint8Array.of(128, 1)))
  await using checkpoint = await openCheckpoint(modelOf(halves))
  await expect(checkpoint.tensor('w')).rejects.toThrow('another number of elements')
})

test('two initialisers of one name are turned down', async () => {
  const tensor = field(5, concat(field(8, 'w'), varintField(1, 0), varintField(2, 1)))
  const model = concat(varintField(1, 9), field(7, concat(tensor, tensor)), operatorSet)
  await expect(openCheckpoint(model)).rejects.toThrow('two initialisers "w"')
})

test('a file that only begins like an ONNX model is turned down', async () => {
  await expect(openCheckpoint(varintField(1, 9))).rejects.toThrow('it lacks a graph')
})

describe('numbers in another file', () => {
  const pointing = (location: string, offset = '0', length = '2'): Uint8Array => {
    const pair = (key: string, value: string): Uint8Array => field(13, concat(field(1, key), field(2, value)))
    const place = concat(pair('location', location), pair('offset', offset), pair('length', length))
    return modelOf(concat(twoBytes, varintField(2, 2), varintField(14, 1), place))
  }
  const open = async (folder: TestFolder, model: Uint8Array): Promise<number[]> => {
    await using checkpoint = await openCheckpoint(await folder.write('model/model.onnx', model))
    return [...(await checkpoint.tensor('w')).data].map(Number)
  }

  test('are read from the folder of the model, and below', async () => {
    await using folder = await createTestFolder()
    await folder.write('model/deep/w.bin', Uint8Array.of(1, 2, 3, 4))
    expect(await open(folder, pointing('deep/w.bin', '1'))).toEqual([2, 3])
    expect(await open(folder, pointing('./deep/w.bin', '2'))).toEqual([3, 4])
  })

  test('are found when the folder itself is a link', async () => {
    await using folder = await createTestFolder()
    await folder.write('real/w.bin', Uint8Array.of(1, 2))
    await folder.write('real/model.onnx', pointing('w.bin'))
    await symlink(folder.at('real'), folder.at('link'), 'junction')
    await using checkpoint = await openCheckpoint(folder.at('link/model.onnx'))
    expect([...(await checkpoint.tensor('w')).data]).toEqual([1, 2])
  })

  test.each([
    '../secret.bin',
    'deep/../../secret.bin',
    '..\\secret.bin',
    'C:secret.bin',
    'a\0b',
    '',
    '/etc/hostname',
  ])('are not looked for at %j', async (location) => {
    await using folder = await createTestFolder()
    await folder.write('secret.bin', Uint8Array.of(1, 2))
    await mkdir(folder.at('model/deep'), { recursive: true })
    await expect(open(folder, pointing(location))).rejects.toThrow('not a plain name')
  })

  test('are not followed out of the folder by a link', async () => {
    await using folder = await createTestFolder()
    await folder.write('secret.bin', Uint8Array.of(1, 2))
    await mkdir(folder.at('model'))
    await symlink(folder.at('secret.bin'), folder.at('model/w.bin'))
    await symlink(folder.path, folder.at('model/up'), 'junction')
    await expect(open(folder, pointing('w.bin'))).rejects.toThrow("leads out of the model's folder")
    await expect(open(folder, pointing('up/secret.bin'))).rejects.toThrow("leads out of the model's folder")
  })

  test.each([
    ['behind the end', pointing('w.bin', '1'), 'which has 2'],
    ['at no number', pointing('w.bin', '-1'), 'instead of 2'],
    ['of another length', pointing('w.bin', '0', '1'), 'instead of 2'],
    ['in a missing file', pointing('none.bin'), 'cannot be found'],
    ['in a folder', pointing('.'), 'leads out'],
  ])('%s are turned down when the file is opened', async (_, model, reason) => {
    await using folder = await createTestFolder()
    await folder.write('model/w.bin', Uint8Array.of(1, 2))
    await expect(open(folder, model)).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
    await expect(open(folder, model)).rejects.toThrow(reason)
  })

  test('that are gone when they are read are turned down then', async () => {
    await using folder = await createTestFolder()
    await copyFile(file('external.onnx'), folder.at('external.onnx'))
    await copyFile(file('external.onnx_data'), folder.at('external.onnx_data'))
    await using checkpoint = await openCheckpoint(folder.at('external.onnx'))
    await writeFile(folder.at('external.onnx_data'), '')
    await expect(checkpoint.tensor('float32')).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
  })

  test('cannot be reached from a model in memory', async () => {
    await expect(openCheckpoint(pointing(path.basename('w.bin')))).rejects.toThrow('in memory only')
  })
})

/** A model whose graph holds one initialiser. */
function modelOf(tensor: Uint8Array): Uint8Array {
  return concat(varintField(1, 9), field(7, concat(field(2, 'graph'), field(5, tensor))), operatorSet)
}
