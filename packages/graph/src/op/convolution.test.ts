import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers, type OpCase } from '../../testing/op-case.ts'
import { createGraph, gradient, type ConvOptions } from '../index.ts'

interface ConvCase {
  readonly options: ConvOptions
  readonly image: readonly number[]
  readonly weights: readonly number[]
}

const variants: Record<string, ConvCase> = {
  plain: { options: {}, image: [2, 2, 5, 4], weights: [3, 2, 3, 3] },
  'one by one': { options: {}, image: [2, 3, 3, 4], weights: [2, 3, 1, 1] },
  'strided, with pixels that no window reaches': {
    options: { strides: 2 },
    image: [1, 2, 6, 7],
    weights: [2, 2, 3, 2],
  },
  'padded on each side differently': {
    options: { pads: [1, 0, 2, 3] },
    image: [1, 2, 4, 4],
    weights: [2, 2, 3, 3],
  },
  dilated: { options: { dilations: [2, 3], pads: 2 }, image: [1, 2, 6, 7], weights: [2, 2, 3, 2] },
  'strided, padded and dilated': {
    options: { strides: [2, 3], pads: [1, 2, 0, 1], dilations: [2, 1] },
    image: [2, 2, 8, 7],
    weights: [2, 2, 3, 3],
  },
  'padded as TensorFlow does': {
    options: { strides: 2, pads: 'same' },
    image: [1, 2, 6, 5],
    weights: [2, 2, 3, 3],
  },
  grouped: { options: { group: 2, pads: 1 }, image: [2, 4, 3, 3], weights: [4, 2, 2, 2] },
  'with a kernel too large to take apart': {
    options: { strides: [1, 2] },
    image: [2, 1, 7, 8],
    weights: [2, 1, 6, 5],
  },
  'padded further than the kernel reaches': {
    options: { pads: 2 },
    image: [1, 2, 3, 3],
    weights: [2, 2, 2, 2],
  },
  depthwise: { options: { group: 3, strides: 2, pads: 1 }, image: [2, 3, 6, 5], weights: [3, 1, 3, 3] },
  'depthwise with a multiplier': {
    options: { group: 2, dilations: 2 },
    image: [1, 2, 6, 6],
    weights: [4, 1, 2, 2],
  },
}

describe('conv agrees with onnxruntime and with differences', () => {
  for (const [name, { options, image, weights }] of Object.entries(variants)) {
    const feeds = [numbers(image), numbers(weights, { seed: 2 }), numbers([weights[0]!], { seed: 3 })]
    const build: OpCase['build'] = (g, x, w, b) => g.conv(x, w, b, options)
    test(name, () => expectAgreement({ feeds, build }))
    if (options.pads !== 'same') {
      test(`${name}, on images of named size`, () =>
        expectAgreement({ feeds, build, shapes: [['n', image[1]!, 'h', 'w']] }))
    }
  }
})

describe('convTranspose agrees with onnxruntime and with differences', () => {
  const transposed: Record<string, ConvCase & { readonly outputPadding?: readonly [number, number] }> = {
    plain: { options: {}, image: [2, 2, 3, 4], weights: [2, 3, 3, 2] },
    'strided with output padding': {
      options: { strides: [2, 3] },
      outputPadding: [1, 2],
      image: [1, 2, 3, 3],
      weights: [2, 2, 3, 2],
    },
    'padded and dilated': {
      options: { strides: 2, pads: [1, 0, 1, 2], dilations: 2 },
      image: [1, 2, 3, 4],
      weights: [2, 1, 2, 3],
    },
    grouped: { options: { strides: 2, group: 2 }, image: [1, 4, 3, 3], weights: [4, 3, 2, 2] },
  }
  for (const [name, { options, outputPadding, image, weights }] of Object.entries(transposed)) {
    const { group = 1 } = options
    const feeds = [numbers(image), numbers(weights, { seed: 2 }), numbers([weights[1]! * group], { seed: 3 })]
    const how = { ...options, ...(outputPadding !== undefined && { outputPadding }) }
    const build: OpCase['build'] = (g, x, w, b) => g.convTranspose(x, w, b, how)
    test(name, () => expectAgreement({ feeds, build }))
    const shapes = [['n', image[1]!, 'h', 'w']]
    test(`${name}, on images of named size`, () => expectAgreement({ feeds, build, shapes }))
  }
})

test('named sizes go through convolutions by name', () => {
  const g = createGraph('names')
  const x = g.input('x', 'float32', ['n', 3, 'h', 'w'])
  const w = g.fill(1, [4, 3, 3, 3])
  expect(g.conv(x, w, undefined, { pads: 1 }).shape).toEqual(['n', 4, 'h', 'w'])
  expect(g.conv(x, w).shape).toEqual(['n', 4, 'h-2', 'w-2'])
  expect(g.conv(x, w, undefined, { pads: 1, strides: 2 }).shape).toEqual([
    'n',
    4,
    'floor((h+1)/2)',
    'floor((w+1)/2)',
  ])
})

test('what does not fit is refused, and second derivatives say that they are missing', () => {
  const g = createGraph('refused')
  const x = g.input('x', 'float32', [1, 3, 4, 4])
  expect(() => g.conv(x, g.fill(1, [4, 2, 3, 3]))).toThrow(
    'internal: conv of [1, 3, 4, 4] with weights [4, 2, 3, 3] in 1 groups',
  )
  expect(() => g.conv(x, g.fill(1, [4, 3, 5, 5]))).toThrow('a window of 5 does not fit into 4 pixels')
  expect(() => g.conv(x, g.fill(1, [4, 3, 3, 3]), g.fill(0, [3]))).toThrow('bias [3] for 4 channels')
  const w = g.input('w', 'float32', [2, 3, 3, 3])
  const [dx] = gradient(g, g.sum(g.square(g.conv(x, w))), [x])
  expect(() => gradient(g, g.sum(g.square(dx!)), [w])).toThrow(
    'the gradient of a convolution has no derivative',
  )
})
