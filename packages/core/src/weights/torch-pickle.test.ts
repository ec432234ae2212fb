/** Layouts that PyTorch would not write: each must be caught when the file is opened, before numbers are read. */
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'

import { limits } from './limits.ts'
import { openCheckpoint } from './open.ts'

type Part = number | string | readonly number[]

/** Bytes of a pickle: numbers are bytes, text is Latin-1. */
const bytesOf = (parts: readonly Part[]): number[] =>
  parts.flatMap((p) =>
    typeof p === 'number' ? [p] : typeof p === 'string' ? [...Buffer.from(p, 'latin1')] : [...p],
  )
const int = (n: number): Part => [
  0x8a,
  7,
  ...Array.from({ length: 7 }, (_, i) => Math.floor(n / 256 ** i) % 256),
]
const text = (s: string): Part[] => ['X', [s.length & 255, s.length >> 8, 0, 0], s]
const tuple = (items: Part[][]): Part[] => ['(', ...items.flat(), 't']

interface Layout {
  readonly key?: string
  readonly type?: string
  readonly count?: number
  readonly offset?: number
  readonly shape?: readonly number[]
  readonly strides?: readonly number[]
  readonly metadata?: Part[]
}
const storage = ({ key = '0', type = 'FloatStorage', count = 4 }: Layout): Part[] => [
  ...tuple([text('storage'), [`ctorch\n${type}\n`], text(key), text('cpu'), [int(count)]]),
  'Q',
]
const tensor = (layout: Layout): Part[] => {
  const { offset = 0, shape = [4], strides = [1], metadata } = layout
  const integers = (list: readonly number[]): Part[] => tuple(list.map((n) => [int(n)]))
  return [
    'ctorch._utils\n_rebuild_tensor_v2\n',
    ...tuple([
      storage(layout),
      [int(offset)],
      integers(shape),
      integers(strides),
      [0x89],
      ['}'],
      ...(metadata === undefined ? [] : [metadata]),
    ]),
    'R',
  ]
}
const dictionary = (entries: Record<string, Part[]>): Part[] => [
  '}(',
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  'u',
]
const open = (
  value: Part[],
  storages: Record<string, Uint8Array> = { 0: new Uint8Array(16) },
  level: 0 | 6 = 0,
) =>
  openCheckpoint(
    zipSync(
      {
        'a/data.pkl': Uint8Array.from(bytesOf([...value, '.'])),
        ...Object.fromEntries(Object.entries(storages).map(([key, data]) => [`a/data/${key}`, data])),
      },
      { level },
    ),
    { name: 'a.pt' },
  )
const reasonOf = async (value: Part[], storages?: Record<string, Uint8Array>): Promise<string> =>
  open(value, storages).then(
    () => 'read',
    (e: Error) => e.message,
  )

test('the builder of these tests makes files that are read', async () => {
  await using file = await open(dictionary({ w: tensor({ offset: 1, shape: [2], strides: [2] }) }), {
    0: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
  })
  expect(await file.tensor('w')).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(2, 4) })
})

describe('layouts', () => {
  test.each<[string, Layout, string]>([
    ['one element too many', { shape: [5] }, 'reaches outside storage "0" of 4 elements'],
    ['an offset that pushes the last one out', { offset: 1 }, 'reaches outside'],
    ['strides that reach too far', { shape: [2, 2], strides: [3, 1] }, 'reaches outside'],
    ['sizes whose product overflows', { shape: [2 ** 50, 2 ** 50], strides: [0, 0] }, 'repeats 4 elements'],
    ['strides whose sum overflows', { shape: [2 ** 50], strides: [2 ** 50] }, 'reaches outside'],
    [
      'an expanded view beyond all measure',
      { shape: [limits.expandedElements + 1], strides: [0] },
      'repeats 4 elements',
    ],
    ['more sizes than strides', { shape: [2, 2], strides: [1] }, 'not two tuples of the same length'],
    ['too many dimensions', { shape: Array(40).fill(1), strides: Array(40).fill(1) }, 'not two tuples'],
    [
      'a storage that claims more than its entry has',
      { count: 5, shape: [5] },
      'has 4 elements instead of 5',
    ],
    ['a storage that is not there', { key: '7' }, 'storage "7" is missing'],
    ['a key that climbs out of its folder', { key: '../data.pkl' }, 'is missing'],
  ])('%s', async (_, layout, reason) => {
    expect(await reasonOf(dictionary({ w: tensor(layout) }))).toContain(reason)
  })

  test('an empty tensor needs no numbers, whatever its other sizes', async () => {
    await using file = await open(dictionary({ w: tensor({ shape: [0, 2 ** 40], strides: [1, 1] }) }))
    expect((await file.tensor('w')).data).toHaveLength(0)
  })

  test('a lazily negated tensor is refused, for its numbers are not the stored ones', async () => {
    expect(await reasonOf(dictionary({ w: tensor({ metadata: ['}'] }) }))).toContain('a tensor with metadata')
  })

  test('one storage cannot have two types', async () => {
    const two = dictionary({ a: tensor({}), b: tensor({ type: 'IntStorage' }) })
    expect(await reasonOf(two)).toContain('declared in two ways')
  })

  test('an unknown storage type is refused by name', async () => {
    expect(await reasonOf(dictionary({ w: tensor({ type: 'QInt8Storage' }) }))).toContain(
      '"torch.QInt8Storage"',
    )
  })

  test('a number in place of a storage is not a tensor', async () => {
    const odd: Part[] = ['ctorch._utils\n_rebuild_tensor_v2\n', '(', int(1), int(0), ')', ')', 't', 'R']
    expect(await reasonOf(odd)).toContain('its storage is 1')
  })
})

describe('names', () => {
  test('two tensors that would have one dotted name are told apart by refusing', async () => {
    const clash = dictionary({ 'a.b': tensor({}), a: dictionary({ b: tensor({}) }) })
    expect(await reasonOf(clash)).toContain('two tensors "a.b"')
  })

  test('a long key above many tensors is refused before it is multiplied', async () => {
    expect(await reasonOf(dictionary({ ['k'.repeat(60_000)]: tensor({}) }))).toContain('is too long')
  })

  test('names of Python and of JavaScript are only names', async () => {
    await using file = await open(dictionary({ __proto__x: tensor({}), constructor: tensor({}) }))
    expect(file.names()).toEqual(['__proto__x', 'constructor'])
    expect(file.has('toString')).toBe(false)
  })
})

test('a deflated storage is inflated once for the views in it, and checked', async () => {
  const numbers = new Uint8Array(Float32Array.from({ length: 1000 }, (_, i) => i % 7).buffer)
  const layout = { count: 1000 }
  const two = dictionary({
    a: tensor({ ...layout, shape: [3] }),
    b: tensor({ ...layout, offset: 10, shape: [2] }),
  })
  await using file = await open(two, { 0: numbers }, 6)
  expect((await file.tensor('a')).data).toEqual(Float32Array.of(0, 1, 2))
  expect((await file.tensor('b')).data).toEqual(Float32Array.of(3, 4))
})

test('an archive of something else, and one of two checkpoints, are told', async () => {
  await expect(openCheckpoint(zipSync({ 'word/document.xml': strToU8('x') }))).rejects.toThrow(
    'without a data.pkl',
  )
  await expect(
    openCheckpoint(zipSync({ 'a/data.pkl': strToU8('N.'), 'b/data.pkl': strToU8('N.') })),
  ).rejects.toThrow('more than one checkpoint')
})
