import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph, tensor } from '../index.ts'
import { evaluate } from '../reference/index.ts'

const table = numbers([4, 3])
const indices = tensor(BigInt64Array.of(2n, 0n, 2n, -1n, 2n, 1n), [2, 3])

const cases: Record<string, OpCase> = {
  'gather rows, some twice and one from the end': {
    feeds: [table, indices],
    build: (g, x, i) => g.gather(x, i, { axis: 0 }),
  },
  'gather along the last axis': {
    feeds: [numbers([2, 3]), tensor(BigInt64Array.of(2n, 2n, 0n), [3])],
    build: (g, x, i) => g.gather(x, i, { axis: -1 }),
  },
  'gather along a middle axis by a matrix': {
    feeds: [numbers([2, 4, 3]), indices],
    shapes: [['n', 4, 'c']],
    build: (g, x, i) => g.gather(x, i, { axis: 1 }),
  },
  'gather one slice': {
    feeds: [numbers([2, 4, 3]), tensor(BigInt64Array.of(3n), [])],
    build: (g, x, i) => g.gather(x, i, { axis: 1 }),
  },
  'gather from a named size': {
    feeds: [table, indices],
    shapes: [['n', 3]],
    build: (g, x, i) => g.gather(x, i, { axis: 0 }),
  },
  'gatherElements with repeats': {
    feeds: [table, tensor(BigInt64Array.of(1n, 0n, 3n, 1n, 2n, 3n), [2, 3])],
    build: (g, x, i) => g.gatherElements(x, i, { axis: 0 }),
  },
  'scatterAdd adds up equal indices': {
    feeds: [numbers([2, 3, 2]), tensor(BigInt64Array.of(1n, 1n, 0n), [3])],
    build: (g, x, i) => g.scatterAdd(x, i, { axis: 1, size: 4 }),
  },
  'oneHot, shapeOf and range': {
    feeds: [tensor(BigInt64Array.of(2n, 0n, -1n, 1n), [2, 2])],
    shapes: [['n', 'm']],
    build: (g, i) => [
      g.oneHot(i, 4),
      g.shapeOf(i),
      g.range(0, g.mean(g.oneHot(i, 8)), 0.05),
      g.range(2, 8, 3),
    ],
  },
}

describe('selection agrees with onnxruntime and with differences', () => {
  for (const [name, opCase] of Object.entries(cases)) test(name, () => expectAgreement(opCase))
})

test('the reference refuses an index outside', () => {
  const g = createGraph('outside')
  g.output('y', g.gather(g.input('x', 'float32', [3]), g.input('i', 'int64', [1]), { axis: 0 }))
  const feeds = { x: tensor([1, 2, 3], [3]), i: tensor(BigInt64Array.of(3n), [1]) }
  expect(() => evaluate(g.build(), feeds)).toThrow('index 3 is outside 3 elements')
})
