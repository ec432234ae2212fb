import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { randomProjection, randomRotation } from './projection.ts'

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

test.each([
  [3, 8],
  [5, 5],
])('a rotation from %s channels to %s keeps lengths and angles', (from, to) => {
  const matrix = randomRotation(from, to, createRandom(2, 'test'))
  for (let a = 0; a < from; a++)
    for (let b = 0; b < from; b++) {
      let dot = 0
      for (let i = 0; i < to; i++) dot += (matrix[a * to + i] ?? NaN) * (matrix[b * to + i] ?? NaN)
      expect(dot).toBeCloseTo(a === b ? 1 : 0, 5)
    }
})

test('a rotation to fewer channels is a projection', () => {
  const narrow = randomRotation(8, 3, createRandom(2, 'test'))
  expect(narrow).toEqual(randomProjection(8, 3, createRandom(2, 'test')))
})

test('the seed decides, and more columns than channels are refused', () => {
  const draw = (seed: number): Float32Array => randomProjection(8, 3, createRandom(seed, 'test'))
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  expect(() => randomProjection(3, 4, createRandom(1, 'test'))).toThrow('cannot project 3 channels onto 4')
})
