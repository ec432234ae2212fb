import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromFloat16Bits, fromNumbers, tensor, toFloat16Bits, toNumbers } from './index.ts'

test('all float16 bits survive the way there and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = fromFloat16Bits(bits)
    if (Number.isNaN(value)) expect(Number.isNaN(fromFloat16Bits(toFloat16Bits(value)))).toBe(true)
    else if (toFloat16Bits(value) !== bits) throw new Error(`${bits} became ${toFloat16Bits(value)}`)
  }
})

test('float16 rounds to the nearest value, halves to the even one', () => {
  expect(
    [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 3 * 2 ** -25].map((v) =>
      fromFloat16Bits(toFloat16Bits(v)),
    ),
  ).toEqual([1, 1 + 2 ** -9, 65504, Infinity, 0, 2 ** -23])
  fc.assert(
    fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (v) => {
      const bits = toFloat16Bits(v)
      const error = Math.abs(fromFloat16Bits(bits) - v)
      for (const neighbour of [bits - 1, bits + 1]) {
        const other = fromFloat16Bits(neighbour & 0xffff)
        if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(Math.abs(other - v))
      }
    }),
  )
})

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
