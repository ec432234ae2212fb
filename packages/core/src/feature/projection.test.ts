import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { randomProjection } from './projection.ts'

test('the columns are orthogonal, of one length, and keep distances on average', () => {
  const [from, to] = [40, 12]
  const matrix = randomProjection(from, to, createRandom(1, 'test'))
  for (let a = 0; a < to; a++)
    for (let b = a; b < to; b++) {
      let dot = 0
      for (let i = 0; i < from; i++) dot += (matrix[i * to + a] ?? NaN) * (matrix[i * to + b] ?? NaN)
      expect(dot).toBeCloseTo(a === b ? from / to : 0, 5)
    }
})

test('a projection onto all channels is a rotation: no distance changes', () => {
  const n = 10
  const matrix = randomProjection(n, n, createRandom(2, 'test'))
  const x = Float32Array.from({ length: n }, (_, i) => i - 3)
  let square = 0
  for (let c = 0; c < n; c++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += (x[i] ?? 0) * (matrix[i * n + c] ?? NaN)
    square += sum * sum
  }
  expect(square).toBeCloseTo(
    x.reduce((sum, v) => sum + v * v, 0),
    3,
  )
})

test('the seed decides, and more columns than channels are refused', () => {
  const draw = (seed: number): Float32Array => randomProjection(8, 3, createRandom(seed, 'test'))
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  expect(() => randomProjection(3, 4, createRandom(1, 'test'))).toThrow('cannot project 3 channels onto 4')
})
