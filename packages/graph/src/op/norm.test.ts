import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph, tensor } from '../index.ts'
import { evaluate } from '../reference/index.ts'

const matrix = numbers([4, 3])
const image = numbers([2, 3, 2, 2])
const channels = [
  numbers([3], { seed: 2 }),
  numbers([3], { seed: 3 }),
  numbers([3], { seed: 4 }),
  numbers([3], { seed: 5, from: 0.5, to: 2 }),
]

const cases: Record<string, OpCase> = {
  softmax: {
    feeds: [numbers([3, 4])],
    build: (g, x) => [g.softmax(x, { axis: -1 }), g.softmax(x, { axis: 0 })],
  },
  logSoftmax: {
    feeds: [numbers([3, 4])],
    build: (g, x) => [g.logSoftmax(x, { axis: -1 }), g.logSoftmax(x, { axis: 0 })],
  },
  'softmax of large numbers': {
    feeds: [tensor([1000, 1001, -1000], [3])],
    wrt: [],
    build: (g, x) => g.softmax(x, { axis: 0 }),
  },
  normalise: { feeds: [matrix], build: (g, x) => g.normalise(x, { axis: 1 }) },
  cosineSimilarity: {
    feeds: [matrix, numbers([4, 3], { seed: 2 })],
    build: (g, a, b) => g.cosineSimilarity(a, b, { axis: 1 }),
  },
  'cosineSimilarity of broadcast operands': {
    feeds: [numbers([4, 1, 3]), numbers([2, 3], { seed: 2 })],
    build: (g, a, b) => g.cosineSimilarity(a, b, { axis: -1 }),
  },
  layerNorm: {
    feeds: [numbers([2, 4, 3]), ...channels.slice(0, 2)],
    build: (g, x, s, b) => g.layerNorm(x, s, b, { eps: 1e-3 }),
  },
  'batchNorm with given statistics': {
    feeds: [image, ...channels],
    build: (g, x, scale, bias, mean, variance) =>
      g.batchNorm(x, { scale: scale, bias: bias, mean: mean, variance: variance, eps: 1e-3 }),
  },
  'batchNorm of rows': {
    feeds: [matrix, ...channels],
    build: (g, x, scale, bias, mean, variance) =>
      g.batchNorm(x, { scale: scale, bias: bias, mean: mean, variance: variance }),
  },
  'batchNormTraining of images': {
    feeds: [image, ...channels],
    shapes: [['n', 3, 'h', 'w']],
    wrt: [0, 1, 2],
    build: (g, x, scale, bias, mean, variance) =>
      g.batchNormTraining(x, { scale: scale, bias: bias, mean: mean, variance: variance, eps: 1e-3 }).y,
  },
  'batchNormTraining of rows': {
    feeds: [matrix, ...channels],
    wrt: [0, 1, 2],
    build: (g, x, scale, bias, mean, variance) =>
      g.batchNormTraining(x, { scale: scale, bias: bias, mean: mean, variance: variance }).y,
  },
  'running statistics of batchNormTraining': {
    feeds: [image, ...channels],
    wrt: [],
    build: (g, x, scale, bias, mean, variance) =>
      Object.values(
        g.batchNormTraining(x, {
          scale: scale,
          bias: bias,
          mean: mean,
          variance: variance,
          momentum: 0.3,
        }),
      ),
  },
}

describe('normalisation agrees with onnxruntime and with differences', () => {
  for (const [name, opCase] of Object.entries(cases))
    test(name, () => expectAgreement({ tolerance: 5e-6, ...opCase }))
})

test('a zero vector normalises to zero and is similar to nothing', () => {
  const g = createGraph('zero')
  const x = g.input('x', 'float32', [2])
  g.output('n', g.normalise(x, { axis: 0 }))
  g.output('c', g.cosineSimilarity(x, g.fill(1, [2]), { axis: 0 }))
  const result = evaluate(g.build(), { x: tensor([0, 0], [2]) })
  expect([...result['n']!.data, ...result['c']!.data]).toEqual([0, 0, 0])
})

test('parameters of another length than the channels are refused', () => {
  const g = createGraph('refused')
  const x = g.input('x', 'float32', [2, 3])
  const v = g.fill(1, [2])
  expect(() => g.layerNorm(x, v, v)).toThrow('layerNorm of [2, 3] with [2]')
  const w = g.fill(1, [3])
  const lone = g.fill(1, [1, 3])
  expect(() => g.batchNormTraining(lone, { scale: w, bias: w, mean: w, variance: w })).toThrow(
    'one value per channel',
  )
  expect(() => g.batchNorm(x, { scale: v, bias: v, mean: v, variance: v })).toThrow(
    'batchNorm of [2, 3] with [2]',
  )
})
