import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph, gradient, tensor, toNumbers } from '../index.ts'
import { evaluate } from '../reference/index.ts'

const cube = numbers([2, 3, 4])

describe('reductions agree with onnxruntime and with differences', () => {
  for (const word of ['sum', 'sumSquares', 'mean', 'max', 'min', 'norm'] as const) {
    const cases: Record<string, OpCase> = {
      all: { feeds: [cube], build: (g, x) => g[word](x) },
      'outer axes': { feeds: [cube], build: (g, x) => g[word](x, { axes: [0, 2] }) },
      'a kept axis': { feeds: [cube], build: (g, x) => g[word](x, { axes: [-2], keepDims: true }) },
      'named sizes': {
        feeds: [cube],
        shapes: [['n', 'm', 4]],
        build: (g, x) => g[word](x, { axes: [0, 1] }),
      },
    }
    for (const [name, opCase] of Object.entries(cases))
      test(`${word} over ${name}`, () => expectAgreement(opCase))
  }
})

test('a mean over named sizes divides its gradient by their product', () =>
  expectAgreement({ feeds: [cube], shapes: [['n', 'm', 4]], build: (g, x) => g.square(g.mean(x)) }))

test('sumTo undoes broadcasting in front and inside', () =>
  expectAgreement({
    feeds: [cube],
    build: (g, x) => [g.sumTo(x, [4]), g.sumTo(x, [3, 1]), g.sumTo(x, [])],
  }))

test('countOf counts fixed and named axes', () =>
  expectAgreement({
    feeds: [cube],
    shapes: [['n', 3, 4]],
    wrt: [],
    build: (g, x) => [g.countOf(x), g.countOf(x, [1, 2]), g.countOf(x, [0])],
  }))

test('topK sorts, and its gradient goes to the chosen elements', async () => {
  await expectAgreement({ feeds: [cube], build: (g, x) => Object.values(g.topK(x, 2)) })
  await expectAgreement({
    feeds: [cube],
    shapes: [['n', 3, 'm']],
    build: (g, x) => g.topK(x, 2, { axis: 1, largest: false }).values,
  })
})

test('of equal numbers argMax, argMin and topK take the first', () =>
  expectAgreement({
    feeds: [tensor([3, 1, 3, 1, 2, 2, 1, 2], [2, 4])],
    wrt: [],
    build: (g, x) => [
      g.argMax(x, { axis: 1 }),
      g.argMin(x, { axis: -1, keepDims: true }),
      ...Object.values(g.topK(x, 3)),
      ...Object.values(g.topK(x, 3, { largest: false })),
    ],
  }))

test('equal largest values share the gradient evenly', () => {
  const g = createGraph('ties')
  const x = g.input('x', 'float32', [4])
  g.output('dx', gradient(g, g.max(x), [x])[0]!)
  const result = evaluate(g.build(), { x: tensor([5, 1, 5, 2], [4]) })
  expect([...toNumbers(result['dx']!)]).toEqual([0.5, 0, 0.5, 0])
})

test('the norm of nothing but zeros has the gradient zero', () => {
  const g = createGraph('zeros')
  const x = g.input('x', 'float32', [3])
  g.output('dx', gradient(g, g.norm(x), [x])[0]!)
  expect([...toNumbers(evaluate(g.build(), { x: tensor([0, 0, 0], [3]) })['dx']!)]).toEqual([0, 0, 0])
})

test('what has no derivative says so by name', () => {
  const g = createGraph('indices')
  const x = g.input('x', 'float32', [3])
  const index = g.cast(g.argMax(x, { axis: 0 }), 'float32')
  expect(() => gradient(g, index, [x])).toThrow('argMax has no derivative')
  expect(() => g.topK(x, 4)).toThrow('axis 0 has 3 elements, fewer than 4')
  expect(() => g.sum(x, { axes: [1] })).toThrow('axis 1 does not exist')
})
