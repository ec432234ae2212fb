import { describe, expect, test } from 'vitest'
import { expectAgreement, numbers } from '../../testing/op-case.ts'
import { createGraph, tensor } from '../index.ts'

const image = numbers([2, 1, 4, 5])

describe('resize agrees with onnxruntime and with differences', () => {
  for (const mode of ['nearest', 'linear', 'cubic'] as const) {
    for (const coordinates of ['half-pixel', 'align-corners', 'asymmetric'] as const) {
      const how = { mode, coordinates }
      test(`${mode}, ${coordinates}`, () =>
        expectAgreement({
          feeds: [image],
          build: (g, x) => [
            g.resize(x, { ...how, sizes: [7, 3] }),
            g.resize(x, { ...how, sizes: [4, 5] }),
            g.resize(x, { ...how, sizes: [1, 11] }),
            g.resize(x, { ...how, scales: [2, 1.5] }),
          ],
        }))
    }
  }
  test('to sizes known when it runs', () =>
    expectAgreement({
      feeds: [image, tensor(BigInt64Array.of(7n, 3n), [2])],
      shapes: [['n', 1, 'h', 'w']],
      build: (g, x, sizes) => g.resize(x, { sizes: sizes, mode: 'linear', coordinates: 'half-pixel' }),
    }))
  test('to the sizes of another image', () =>
    expectAgreement({
      feeds: [image, numbers([2, 1, 3, 8], { seed: 2 })],
      shapes: [
        ['n', 1, 'h', 'w'],
        ['n', 1, 'H', 'W'],
      ],
      build: (g, x, like) =>
        g.mul(g.resize(x, { like: like, mode: 'cubic', coordinates: 'half-pixel' }), like),
    }))
  test('by a scale of named sizes', () =>
    expectAgreement({
      feeds: [image],
      shapes: [['n', 1, 'h', 'w']],
      build: (g, x) => g.resize(x, { scales: [2, 3], mode: 'linear', coordinates: 'half-pixel' }),
    }))
})

test('sizes by a scale are spelled, and equal size values have equal names', () => {
  const g = createGraph('names')
  const x = g.input('x', 'float32', ['n', 3, 'h', 'w'])
  const sizes = g.input('sizes', 'int64', [2])
  const how = { mode: 'linear', coordinates: 'half-pixel' } as const
  expect(g.resize(x, { ...how, scales: [2, 0.5] }).shape).toEqual(['n', 3, '2*h', 'floor(w/2)'])
  expect(g.add(g.resize(x, { ...how, sizes }), g.resize(x, { ...how, sizes })).shape[2]).toBe('size1[0]')
  expect(() => g.resize(x, how)).toThrow('internal: resize wants one of sizes, scales and like')
})
