import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph } from '../index.ts'

const cube = numbers([2, 3, 4])
const named = [['n', 3, 'm']] as const

const cases: Record<string, OpCase> = {
  'reshape with 0 and -1': { feeds: [cube], build: (g, x) => g.square(g.reshape(x, [0, -1])) },
  'reshape of named sizes': {
    feeds: [cube],
    shapes: named,
    build: (g, x) => g.square(g.reshape(g.reshape(x, [-1, 'm']), ['n', 3, 'm'])),
  },
  'reshape to sizes that change places': {
    feeds: [cube],
    shapes: [['n', 'c', 'm']],
    build: (g, x) => g.reshape(g.transpose(x, [2, 0, 1]), ['c', 'm', 'n']),
  },
  transpose: { feeds: [cube], build: (g, x) => g.transpose(x, [2, 0, 1]) },
  'squeeze and unsqueeze': {
    feeds: [cube],
    build: (g, x) => g.mul(g.squeeze(g.unsqueeze(x, [0, -1]), [0]), 2),
  },
  expand: { feeds: [numbers([3, 1])], build: (g, x) => g.expand(x, [2, 3, 4]) },
  'expand to a named size': {
    feeds: [numbers([3, 1]), cube],
    shapes: [undefined, ['n', 3, 'm']],
    build: (g, x, like) => g.mul(g.expand(x, ['n', 3, 'm']), like),
  },
  concat: {
    feeds: [cube, numbers([2, 1, 4], { seed: 2 })],
    build: (g, a, b) => g.concat([a, b, a], { axis: 1 }),
  },
  'concat of named sizes': {
    feeds: [cube, numbers([1, 3, 4], { seed: 2 })],
    shapes: [['n', 3, 4]],
    build: (g, a, b) => [g.concat([b, a], { axis: 0 }), g.concat([b, a, b], { axis: 0 })],
  },
  'concat and split of two named parts': {
    feeds: [cube, numbers([1, 3, 4], { seed: 2 })],
    shapes: [
      ['n', 3, 4],
      ['k', 3, 4],
    ],
    build: (g, a, b) => {
      const [second, rest] = g.split(g.square(g.concat([a, b, a], { axis: 0 })), ['n', 'n+k'], { axis: 0 })
      return [second!, g.mul(rest!, 2)]
    },
  },
  'split with an unused part': {
    feeds: [cube],
    build: (g, x) => {
      const [a, , c] = g.split(x, [1, 2, 1], { axis: 2 })
      return g.mul(a!, c!)
    },
  },
  slice: {
    feeds: [cube],
    build: (g, x) => g.slice(x, { axes: [1, 2], starts: [1, -3], ends: [Infinity, -1] }),
  },
  'slice with steps': {
    feeds: [numbers([7, 8])],
    build: (g, x) => g.slice(x, { axes: [0, 1], starts: [1, 0], ends: [7, 7], steps: [2, 3] }),
  },
  'slice that ends between two steps': {
    feeds: [numbers([7])],
    build: (g, x) =>
      [1, 2, 3, 4].map((step) => g.slice(x, { axes: [0], starts: [0], ends: [6], steps: [step] })),
  },
  'slice backwards': {
    feeds: [numbers([7])],
    build: (g, x) => [
      g.slice(x, { axes: [0], starts: [-1], ends: [-Infinity], steps: [-1] }),
      g.slice(x, { axes: [0], starts: [5], ends: [0], steps: [-2] }),
      g.slice(x, { axes: [0], starts: [4], ends: [-Infinity], steps: [-3] }),
    ],
  },
  'slices of named sizes': {
    feeds: [cube],
    shapes: named,
    build: (g, x) => [
      g.slice(x, { axes: [2], starts: [1], ends: [Infinity] }),
      g.slice(x, { axes: [2], starts: [0], ends: [2] }),
      g.slice(x, { axes: [2], starts: [-2], ends: [Infinity] }),
      g.slice(x, { axes: [2], starts: [-3], ends: [-1] }),
      g.slice(x, { axes: [2], starts: [1], ends: [-1] }),
      g.slice(x, { axes: [2], starts: [-1], ends: [-Infinity], steps: [-1] }),
    ],
  },
  'pad with a constant': {
    feeds: [cube],
    build: (g, x) =>
      g.pad(x, {
        pads: [
          [0, 0],
          [1, 2],
          [0, 1],
        ],
        value: 0.5,
      }),
  },
  'pad with the edge': {
    feeds: [cube],
    build: (g, x) =>
      g.pad(x, {
        pads: [
          [1, 0],
          [2, 2],
          [0, 3],
        ],
        mode: 'edge',
      }),
  },
  'pad by reflection': {
    feeds: [cube],
    build: (g, x) =>
      g.pad(x, {
        pads: [
          [0, 1],
          [2, 2],
          [3, 1],
        ],
        mode: 'reflect',
      }),
  },
  'pad named sizes': {
    feeds: [cube],
    shapes: named,
    build: (g, x) => [
      g.pad(x, {
        pads: [
          [0, 0],
          [0, 0],
          [1, 2],
        ],
        mode: 'reflect',
      }),
      g.pad(x, {
        pads: [
          [1, 0],
          [0, 0],
          [1, 2],
        ],
        mode: 'edge',
      }),
      g.pad(x, {
        pads: [
          [1, 0],
          [0, 0],
          [1, 2],
        ],
      }),
    ],
  },
  tile: { feeds: [cube], build: (g, x) => g.tile(x, [2, 1, 3]) },
  'tile of a named size': { feeds: [cube], shapes: named, build: (g, x) => g.tile(x, [2, 1, 3]) },
  'fill and eye': {
    feeds: [cube],
    shapes: named,
    build: (g, x) => [
      g.mul(x, g.fill(2, ['n', 3, 'm'])),
      g.matmul(x, g.eye('m')),
      g.matmul(g.eye(3), x),
      g.fill(1, ['m', 'm']),
    ],
  },
}

describe('movement agrees with onnxruntime and with differences', () => {
  for (const [name, opCase] of Object.entries(cases)) test(name, () => expectAgreement(opCase))
})

test('sizes computed from names are spelled, and equal computations are equal', () => {
  const g = createGraph('names')
  const x = g.input('x', 'float32', ['n', 'h', 4])
  expect(g.reshape(x, [-1, 4]).shape).toEqual(['h*n', 4])
  expect(g.reshape(x, [0, -1]).shape).toEqual(['n', '4*h'])
  expect(g.reshape(g.reshape(x, [-1, 2]), ['n', -1, 4]).shape).toEqual(['n', 'h', 4])
  expect(g.slice(x, { axes: [1], starts: [1], ends: [-1] }).shape).toEqual(['n', 'h-2', 4])
  expect(
    g.pad(g.slice(x, { axes: [1], starts: [1], ends: [-1] }), {
      pads: [
        [0, 0],
        [1, 1],
        [0, 0],
      ],
    }).shape,
  ).toEqual(x.shape)
  expect(g.concat([x, x], { axis: 1 }).shape).toEqual(['n', '2*h', 4])
  expect(g.concat([x, g.fill(0, ['n', 1, 4])], { axis: 1 }).shape).toEqual(['n', 'h+1', 4])
})

test('shapes that cannot be are refused', () => {
  const g = createGraph('refused')
  const x = g.input('x', 'float32', ['n', 3, 4])
  expect(() => g.reshape(g.fill(0, [3, 4]), [5, -1])).toThrow('internal: cannot reshape [3, 4] to [5, -1]')
  expect(() => g.reshape(g.fill(0, [3, 4]), [6])).toThrow('internal: cannot reshape [3, 4] to [6]')
  expect(() => g.expand(x, ['k', 3, 4])).toThrow('internal: expand: no value in the graph has the size "k"')
  expect(() => g.transpose(x, [0, 0, 1])).toThrow('does not permute')
  expect(() => g.squeeze(x, [1])).toThrow('cannot squeeze')
  expect(() => g.concat([x, g.fill(0, ['n', 2, 5])], { axis: 1 })).toThrow('concat along axis 1')
  expect(() => g.pad(g.fill(0, [2]), { pads: [[2, 0]], mode: 'reflect' })).toThrow('cannot reflect 2 of 2')
  expect(() => g.split(x, [1, 1], { axis: 1 })).toThrow('cannot split 3 into [1, 1]')
})
