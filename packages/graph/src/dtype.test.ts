import { expect, test } from 'vitest'
import { fromNumbers, tensor, toNumbers } from './index.ts'

test('numbers become the elements of a type and come back', () => {
  expect([...fromNumbers([1.7, -1.7, 0], 'int64')]).toEqual([1n, -1n, 0n])
  expect([...fromNumbers([2, 0], 'bool')]).toEqual([1, 0])
  expect([...toNumbers(tensor([1.5, -2], [2], 'float16'))]).toEqual([1.5, -2])
  expect([...toNumbers(tensor(BigInt64Array.of(-3n), [1]))]).toEqual([-3])
})

test('data of another length or kind than the shape and type are refused', () => {
  expect(() => tensor([1, 2], [3])).toThrow('internal: shape [3] needs 3 elements, not 2')
  expect(() => tensor(new Float32Array(2), [2], 'int32')).toThrow('a Float32Array cannot hold int32 elements')
})
