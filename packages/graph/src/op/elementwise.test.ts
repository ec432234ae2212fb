import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, runOnnx, type OpCase } from '../../testing/op-case.ts'
import { createGraph, gradient, tensor, toNumbers, type GraphBuilder, type Value } from '../index.ts'
import { evaluate } from '../reference/index.ts'

const some = numbers([3, 4])
const positive = numbers([3, 4], { from: 0.2, to: 2.5 })
const words = {
  neg: some,
  abs: some,
  exp: some,
  log: positive,
  sqrt: positive,
  square: some,
  reciprocal: positive,
  sin: some,
  cos: some,
  tanh: some,
  sigmoid: some,
  softplus: numbers([3, 4], { from: -30, to: 30 }),
  relu: some,
  leakyRelu: some,
  erf: some,
  gelu: numbers([3, 4], { from: -6, to: 6 }),
} as const

describe('one operand', () => {
  for (const [word, feed] of Object.entries(words)) {
    test(`${word} agrees with onnxruntime and with differences`, async () => {
      await expectAgreement({ feeds: [feed], build: (g, x) => g[word as keyof typeof words](x) })
    })
  }
  for (const word of ['floor', 'ceil', 'round', 'sign'] as const) {
    test(`${word} agrees with onnxruntime, and says that it has no derivative`, async () => {
      const feeds = [tensor([-1.5, -0.5, -0.2, 0, 0.5, 1.5, 2.5, 3.7], [8])]
      await expectAgreement({ feeds, wrt: [], build: (g, x) => g[word](x) })
      const g = createGraph('flat')
      const x = g.input('x', 'float32', [2])
      expect(() => gradient(g, g.sum(g[word](x)), [x])).toThrow(`${word} has no useful derivative`)
    })
  }
})

const row = numbers([4], { seed: 2 })
const column = numbers([3, 1], { seed: 3 })

describe('two operands', () => {
  const cases: Record<string, OpCase> = {
    'add broadcasts': { feeds: [some, row], build: (g, a, b) => g.add(a, b) },
    'sub broadcasts both ways': { feeds: [column, row], build: (g, a, b) => g.sub(a, b) },
    'mul broadcasts': { feeds: [column, some], build: (g, a, b) => g.mul(a, b) },
    'div broadcasts': { feeds: [row, positive], build: (g, a, b) => g.div(a, b) },
    'pow by a value': { feeds: [positive, row], build: (g, a, b) => g.pow(a, b) },
    'pow by a number': { feeds: [some], build: (g, a) => g.pow(a, 3) },
    'a number to the power of a value': { feeds: [some], build: (g, a) => g.pow(0.9, a) },
    minimum: { feeds: [some, row], build: (g, a, b) => g.minimum(a, b) },
    maximum: { feeds: [some, row], build: (g, a, b) => g.maximum(a, b) },
    'numbers on either side': {
      feeds: [positive],
      build: (g, a) => g.sub(2, g.div(3, g.mul(0.5, g.add(a, 1)))),
    },
    'a scalar operand': { feeds: [some, numbers([])], build: (g, a, b) => g.mul(a, b) },
    'a named size broadcasts': {
      feeds: [some, row],
      shapes: [['n', 4]],
      build: (g, a, b) => g.mul(g.add(a, b), a),
    },
    'where takes from both': {
      feeds: [some, row],
      build: (g, a, b) => g.where(g.greater(a, b), g.square(a), b),
    },
    'where with numbers': { feeds: [some], build: (g, a) => g.where(g.less(a, 0.1), -1, g.mul(a, 2)) },
    'clip on both sides': { feeds: [some], build: (g, a) => g.clip(a, { min: -0.5, max: 0.7 }) },
    'clip on one side': {
      feeds: [some],
      build: (g, a) => [g.clip(a, { min: -0.5 }), g.clip(a, { max: 0.7 })],
    },
  }
  for (const [name, opCase] of Object.entries(cases)) test(name, () => expectAgreement(opCase))
})

test('a mean of a product spreads its gradient without error', async () => {
  await expectAgreement({
    feeds: [some, row, numbers([3, 4], { seed: 5 })],
    build: (g, a, b, c) => g.add(g.mean(g.mul(a, b)), g.mean(g.add(g.mul(c, 2), b), { axes: [1] })),
  })
})

test('comparisons and logic agree with onnxruntime', async () => {
  const feeds = [tensor([1, 2, 3, 2], [4]), tensor([2, 2, 2, 3], [4])]
  await expectAgreement({
    feeds,
    wrt: [],
    build: (g, a, b) => {
      const less = g.less(a, b)
      const equal = g.equal(a, b)
      const [greater, atLeast, atMost] = [g.greater(a, b), g.greaterOrEqual(a, b), g.lessOrEqual(a, b)]
      return [less, equal, greater, atLeast, atMost, g.not(less), g.and(atLeast, equal), g.or(less, equal)]
    },
  })
})

test('cast truncates towards zero, and lets gradients pass from float to float only', async () => {
  await expectAgreement({
    feeds: [tensor([-1.7, -0.2, 0.9, 2.5], [4])],
    wrt: [],
    build: (g, x) => [g.cast(x, 'int64'), g.cast(x, 'bool'), g.cast(g.cast(x, 'int32'), 'float32')],
  })
  await expectAgreement({
    feeds: [some],
    build: (g, x) => g.cast(g.square(g.cast(x, 'float64')), 'float32'),
  })
  const g = createGraph('whole')
  const x = g.input('x', 'float32', [2])
  expect(() => gradient(g, g.sum(g.cast(g.cast(x, 'int64'), 'float32')), [x])).toThrow(
    'no gradient of the loss reaches value',
  )
})

test('equal operands of maximum and minimum share the gradient in halves', () => {
  const slopes = (build: (g: GraphBuilder, a: Value, b: Value) => Value): number[] => {
    const g = createGraph('tie')
    const [a, b] = [g.input('a', 'float32', [1]), g.input('b', 'float32', [1])]
    gradient(g, g.sum(build(g, a, b)), [a, b]).forEach((d, i) => g.output(`d${i}`, d))
    const result = evaluate(g.build(), { a: tensor([2], [1]), b: tensor([2], [1]) })
    return [toNumbers(result['d0']!)[0]!, toNumbers(result['d1']!)[0]!]
  }
  expect(slopes((g, a, b) => g.maximum(a, b))).toEqual([0.5, 0.5])
  expect(slopes((g, a, b) => g.minimum(a, b))).toEqual([0.5, 0.5])
})

test('at their kinks relu, abs and clip are flat', () => {
  const g = createGraph('kinks')
  const x = g.input('x', 'float32', [2])
  const parts = [g.relu(x), g.abs(x), g.clip(x, { min: 0, max: 1 })]
  parts.forEach((y, i) => g.output(`d${i}`, gradient(g, g.sum(y), [x])[0]!))
  const result = evaluate(g.build(), { x: tensor([0, 1], [2]) })
  expect([0, 1, 2].map((i) => [...toNumbers(result[`d${i}`]!)])).toEqual([
    [0, 1],
    [0, 1],
    [0, 0],
  ])
})

test('stopGradient hides one path only', () => {
  const g = createGraph('stop')
  const x = g.input('x', 'float32', [2])
  const [dx] = gradient(g, g.sum(g.mul(x, g.stopGradient(g.square(x)))), [x])
  g.output('dx', dx!)
  const result = evaluate(g.build(), { x: tensor([2, 3], [2]) })
  expect([...toNumbers(result['dx']!)]).toEqual([4, 9])
})

test('scaleGradient leaves the value alone and multiplies what flows back', async () => {
  const g = createGraph('scale')
  const x = g.input('x', 'float32', [2, 2])
  const factor = g.input('factor', 'float32', [2, 1])
  const y = g.square(g.scaleGradient(x, factor))
  g.output('y', y)
  g.output('dx', gradient(g, g.sum(y), [x])[0]!)
  const graph = g.build()
  const feeds = { x: tensor([1, 2, 3, 4], [2, 2]), factor: tensor([10, 0], [2, 1]) }
  for (const result of [evaluate(graph, feeds), await runOnnx(graph, feeds)]) {
    expect([...toNumbers(result['y']!)]).toEqual([1, 4, 9, 16])
    expect([...toNumbers(result['dx']!)]).toEqual([20, 40, 0, 0])
  }
})

test('mixed element types are refused by name', () => {
  const g = createGraph('mixed')
  const x = g.input('x', 'float32', [2])
  const i = g.input('i', 'int64', [2])
  expect(() => g.add(x, i)).toThrow('internal: add cannot mix float32[2] and int64[2]')
  expect(() => g.add(x, g.input('z', 'float32', [3]))).toThrow(
    'internal: shapes [2] and [3] do not broadcast',
  )
  expect(() => g.mul(i, 0.5)).toThrow('0.5 is not an int64')
})
