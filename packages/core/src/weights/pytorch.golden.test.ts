/** Files saved by PyTorch, and what torch.load gives back for them (tools/golden/weights.py). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { AssayError } from '@assay/contract'
import { toNumbers, type Tensor } from '@assay/graph'
import { describe, expect, test } from 'vitest'

import { openCheckpoint } from './open.ts'

interface Expected {
  readonly tensors: Record<
    string,
    Record<string, { dtype: string; shape: number[]; values: (number | boolean | string)[] }>
  >
  readonly refused: Record<string, string>
  readonly unreadable: Record<string, string>
}
const folder = new URL('../../../../fixtures/weights/', import.meta.url)
const file = (name: string): string => fileURLToPath(new URL(name, folder))
const expected = JSON.parse(readFileSync(file('expected.json'), 'utf8')) as Expected

/** Numbers as the judge wrote them: int64 as text, truth values as booleans. */
function valuesOf(tensor: Tensor): (number | boolean | string)[] {
  const { dtype, data } = tensor
  if (data instanceof BigInt64Array) return Array.from(data, String)
  if (dtype === 'float16') return [...toNumbers(tensor)]
  if (dtype === 'bool') return Array.from(data as Uint8Array, (v) => v === 1)
  return [...data]
}

describe.each(Object.entries(expected.tensors))('%s', (name, tensors) => {
  const sources: [string, () => string | Uint8Array][] = [
    ['from disk', () => file(name)],
    ['from memory', () => readFileSync(file(name))],
    // Numbers in memory need not lie on a multiple of their width.
    ['from memory at an odd address', () => new Uint8Array([0, ...readFileSync(file(name))]).subarray(1)],
  ]
  test.each(sources)('%s gives the tensors that torch.load gives', async (_, source) => {
    await using checkpoint = await openCheckpoint(source())
    expect([...checkpoint.names()].sort()).toEqual(Object.keys(tensors).sort())
    for (const [tensorName, want] of Object.entries(tensors)) {
      expect(checkpoint.info(tensorName)).toEqual({ dtype: want.dtype, shape: want.shape })
      const got = await checkpoint.tensor(tensorName)
      expect(got.dtype).toBe(want.dtype)
      expect(got.shape).toEqual(want.shape)
      expect(valuesOf(got)).toEqual(want.values)
    }
  })
})

test.each(Object.entries(expected.refused))('%s is refused for asking for %s', async (name, asked) => {
  const error = await openCheckpoint(file(name)).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(AssayError)
  expect(error).toMatchObject({ code: 'WEIGHTS_REFUSED', params: { path: file(name), asked } })
})

test.each(Object.entries(expected.unreadable))('%s is unreadable: %s', async (name, reason) => {
  const error = await openCheckpoint(file(name)).catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
  expect((error as AssayError).message).toContain(reason)
})

test('an unknown name is answered with the nearest one', async () => {
  await using checkpoint = await openCheckpoint(file('zip.pt'))
  await expect(checkpoint.tensor('transpose')).rejects.toThrow(
    'it has no tensor "transpose"; the nearest is "transposed"',
  )
})

test('two tensors of one storage do not share memory once read', async () => {
  await using checkpoint = await openCheckpoint(readFileSync(file('zip.pt')))
  const first = await checkpoint.tensor('shared.first')
  ;(first.data as Float32Array).fill(9)
  expect((await checkpoint.tensor('shared.second')).data[0]).toBe(5 / 8)
  expect((await checkpoint.tensor('shared.first')).data[0]).toBe(0)
})

test('a missing file, a folder and an empty file are unreadable by name', async () => {
  await expect(openCheckpoint(file('none.pt'))).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
  await expect(openCheckpoint(file('.'))).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
  await expect(openCheckpoint(new Uint8Array(0), { name: 'empty.pt' })).rejects.toThrow(
    'Cannot read the weights empty.pt',
  )
})
