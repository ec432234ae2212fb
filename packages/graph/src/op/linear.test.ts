import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph, gradient, print } from '../index.ts'

const a = numbers([2, 3])
const b = numbers([3, 4], { seed: 2 })

const cases: Record<string, OpCase> = {
  'two matrices': { feeds: [a, b], build: (g, a, b) => g.matmul(a, b) },
  'a batch by one matrix': { feeds: [numbers([2, 2, 3]), b], build: (g, a, b) => g.matmul(a, b) },
  'a named batch by one matrix': {
    feeds: [numbers([2, 2, 3]), b],
    shapes: [['n', 't', 3]],
    build: (g, a, b) => g.matmul(a, b),
  },
  'one matrix by a batch': { feeds: [a, numbers([2, 3, 2])], build: (g, a, b) => g.matmul(a, b) },
  'two batches that broadcast': {
    feeds: [numbers([2, 1, 2, 3]), numbers([3, 3, 2], { seed: 2 })],
    build: (g, a, b) => g.matmul(a, b),
  },
  'a matrix by a vector and back': {
    feeds: [a, numbers([3], { seed: 2 }), numbers([2], { seed: 3 })],
    build: (g, m, v, w) => [g.matmul(m, v), g.matmul(w, m), g.matmul(v, v)],
  },
}

describe('matmul agrees with onnxruntime and with differences', () => {
  for (const [name, opCase] of Object.entries(cases)) test(name, () => expectAgreement(opCase))
})

describe('gemm agrees with onnxruntime and with differences', () => {
  for (const transA of [false, true]) {
    for (const transB of [false, true]) {
      test(`transA ${transA}, transB ${transB}`, () =>
        expectAgreement({
          feeds: [
            numbers(transA ? [3, 2] : [2, 3]),
            numbers(transB ? [4, 3] : [3, 4], { seed: 2 }),
            numbers([4], { seed: 3 }),
            numbers([2, 1], { seed: 4 }),
          ],
          build: (g, a, b, row, column) => [
            g.gemm(a, b, row, { transA, transB, alpha: 0.5, beta: -2 }),
            g.gemm(a, b, column, { transA, transB }),
            g.gemm(a, b, undefined, { transA, transB }),
          ],
        }))
    }
  }
})

test('the gradients of a linear layer are Gemms, without a transpose', () => {
  const g = createGraph('linear')
  const [x, w, bias] = [
    g.input('x', 'float32', ['n', 3]),
    g.input('w', 'float32', [4, 3]),
    g.input('b', 'float32', [4]),
  ]
  const loss = g.sum(g.square(g.gemm(x, w, bias, { transB: true })))
  gradient(g, loss, [x, w, bias]).forEach((d, i) => g.output(`d${i}`, d))
  expect(print(g.build()).match(/gemm|transpose|expand/g)).toEqual(['gemm', 'gemm', 'gemm'])
})

test('matrices that do not fit are refused', () => {
  const g = createGraph('refused')
  const [x, y] = [g.input('x', 'float32', [2, 'k']), g.input('y', 'float32', [3, 4])]
  expect(() => g.matmul(x, y)).toThrow('internal: cannot multiply matrices [2, k] and [3, 4]')
  expect(() => g.gemm(x, y, undefined, { transB: true })).toThrow(
    'internal: gemm of [2, k] and [3, 4] transposed',
  )
})
