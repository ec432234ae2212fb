import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph, gradient, tensor, toNumbers } from '../index.ts'
import { evaluate } from '../reference/index.ts'

const image = numbers([2, 2, 6, 7])
const named = [['n', 2, 'h', 'w']] as const

const cases: Record<string, OpCase> = {
  'maxPool of whole windows': { feeds: [image], build: (g, x) => g.maxPool(x, { kernel: 2 }) },
  'maxPool of overlapping windows over the edge': {
    feeds: [image],
    build: (g, x) => g.maxPool(x, { kernel: 3, strides: 2, pads: 1 }),
  },
  'maxPool on named sizes': {
    feeds: [image],
    shapes: named,
    build: (g, x) => g.maxPool(x, { kernel: [3, 2], strides: [1, 2], pads: [1, 0, 1, 1] }),
  },
  'averagePool of whole windows': { feeds: [image], build: (g, x) => g.averagePool(x, { kernel: [2, 3] }) },
  'averagePool that counts the padding': {
    feeds: [image],
    build: (g, x) => g.averagePool(x, { kernel: 3, strides: [2, 1], pads: 1 }),
  },
  'averagePool that does not': {
    feeds: [image],
    build: (g, x) => g.averagePool(x, { kernel: 3, strides: 2, pads: [1, 0, 1, 2], countIncludePad: false }),
  },
  'averagePool on named sizes': {
    feeds: [image],
    shapes: named,
    build: (g, x) => g.averagePool(x, { kernel: 3, strides: 2, pads: 1, countIncludePad: false }),
  },
  globalAveragePool: { feeds: [image], build: (g, x) => g.globalAveragePool(x) },
  'globalAveragePool on named sizes': {
    feeds: [image],
    shapes: named,
    build: (g, x) => g.globalAveragePool(x),
  },
  'adaptiveAveragePool with overlapping bins': {
    feeds: [image],
    build: (g, x) => g.adaptiveAveragePool(x, [4, 3]),
  },
  'adaptiveAveragePool that enlarges': {
    feeds: [numbers([1, 1, 2, 3])],
    build: (g, x) => g.adaptiveAveragePool(x, [5, 3]),
  },
  'adaptiveAveragePool with even bins': {
    feeds: [image],
    build: (g, x) => g.adaptiveAveragePool(x, [3, 7]),
  },
  'adaptiveAveragePool to one': { feeds: [image], build: (g, x) => g.adaptiveAveragePool(x, [1, 1]) },
}

describe('pooling agrees with onnxruntime and with differences', () => {
  for (const [name, opCase] of Object.entries(cases)) test(name, () => expectAgreement(opCase))
})

test('of equal values in a window the first in reading order gets the gradient', () => {
  const g = createGraph('ties')
  const x = g.input('x', 'float32', [1, 1, 2, 3])
  g.output('dx', gradient(g, g.sum(g.maxPool(x, { kernel: 2, strides: 1 })), [x])[0]!)
  const result = evaluate(g.build(), { x: tensor([1, 5, 5, 5, 5, 0], [1, 1, 2, 3]) })
  expect([...toNumbers(result['dx']!)]).toEqual([0, 2, 0, 0, 0, 0])
})
