import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { runGraph } from '../testing/run-graph.ts'
import { findNearest } from './search.ts'

interface Search {
  readonly queries: Float32Array
  readonly bank: Float32Array
  readonly size: number
  readonly dimension: number
  readonly neighbours: number
  readonly penalty?: Float32Array
}

interface Found {
  readonly nearest: readonly number[]
  readonly mean: readonly number[]
  readonly index: readonly number[]
}

async function search(options: Search): Promise<Found> {
  const { queries, bank, size, dimension, neighbours, penalty } = options
  const {
    nearest = [],
    mean = [],
    index = [],
  } = await runGraph(
    (g) => {
      const rows = g.input('rows', 'float32', ['rows', dimension])
      const entries = g.input('bank', 'float32', [size, dimension])
      const cost = penalty === undefined ? null : g.constant(penalty, [1, size], 'float32')
      const found = findNearest(g, rows, entries, { size, neighbours, penalty: cost })
      g.output('nearest', found.nearest)
      g.output('mean', found.mean)
      g.output('index', found.index)
    },
    {
      rows: { dtype: 'float32', shape: [queries.length / dimension, dimension], data: queries },
      bank: { dtype: 'float32', shape: [size, dimension], data: bank },
    },
  )
  return { nearest, mean, index }
}

function searchSlowly({ queries, bank, size, dimension, neighbours, penalty }: Search): Found {
  const found = Array.from({ length: queries.length / dimension }, (_, q) => {
    const costs = Array.from({ length: size }, (_, k) => {
      let square = penalty?.[k] ?? 0
      for (let i = 0; i < dimension; i++)
        square += ((queries[q * dimension + i] ?? NaN) - (bank[k * dimension + i] ?? NaN)) ** 2
      return { k, distance: Math.sqrt(square) }
    }).sort((a, b) => a.distance - b.distance || a.k - b.k)
    const best = costs.slice(0, neighbours)
    return {
      nearest: best[0]?.distance ?? NaN,
      mean: best.reduce((sum, b) => sum + b.distance, 0) / best.length,
      index: best[0]?.k ?? NaN,
    }
  })
  return {
    nearest: found.map((f) => f.nearest),
    mean: found.map((f) => f.mean),
    index: found.map((f) => f.index),
  }
}

function draw(length: number, ...stream: (number | string)[]): Float32Array {
  const data = new Float32Array(length)
  createRandom(6, ...stream).fillNormal(data)
  return data
}

async function expectSame(options: Search): Promise<void> {
  const found = await search(options)
  const expected = searchSlowly(options)
  expect(found.index).toEqual(expected.index)
  for (const name of ['nearest', 'mean'] as const)
    expected[name].forEach((value, i) => expect(found[name][i]).toBeCloseTo(value, 3))
}

test('nearest entries are those of a brute-force search', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 16 }),
      fc.boolean(),
      fc.nat(1000),
      async (size, dimension, neighbours, isPenalised, seed) => {
        const options = {
          queries: draw(5 * dimension, 'queries', seed),
          bank: draw(size * dimension, 'bank', seed),
          size,
          dimension,
          neighbours,
        }
        const penalty = draw(size, 'penalty', seed).map((v) => Math.abs(v))
        await expectSame(isPenalised ? { ...options, penalty } : options)
      },
    ),
    { numRuns: 25 },
  )
})

// The bank is searched 4096 entries at a time: just over one part, with a last part smaller than the neighbours.
test.each([
  [4096, 1],
  [4097, 1],
  [4097, 3],
  [4098, 3],
  [9000, 5],
])('a bank of %s entries is searched in parts for %s neighbours', async (size, neighbours) => {
  const dimension = 4
  const bank = draw(size * dimension, 'bank', size)
  const queries = draw(30 * dimension, 'queries')
  // Some entries at the very end and on both sides of the border are nearest to a query.
  for (const [q, k] of [0, size - 1, 4095, Math.min(4096, size - 1)].entries())
    bank.set(
      queries.subarray(q * dimension, (q + 1) * dimension).map((v) => v + 0.01),
      k * dimension,
    )
  const penalty = new Float32Array(size)
  penalty.fill(1e12, 100, 4000)
  await expectSame({ queries, bank, size, dimension, neighbours })
  await expectSame({ queries, bank, size, dimension, neighbours, penalty })
})

test('the first of equal entries is found, also across parts', async () => {
  const bank = new Float32Array(5000 * 2).fill(3)
  const { index, nearest } = await search({
    queries: Float32Array.of(3, 3, 0, -1),
    bank,
    size: 5000,
    dimension: 2,
    neighbours: 1,
  })
  expect(index).toEqual([0, 0])
  expect(nearest).toEqual([0, 5])
})

test('a patch that is in the memory has distance 0, never NaN from a negative square', async () => {
  const bank = draw(200 * 16, 'bank').map((v) => 40 + v)
  const { nearest, index } = await search({ queries: bank, bank, size: 200, dimension: 16, neighbours: 1 })
  expect(index).toEqual(Array.from({ length: 200 }, (_, i) => i))
  // float32 leaves an error of about 1e-7 of the squared norms, 25 600.
  for (const value of nearest) expect(value).toBeLessThan(0.15)
})

test('every picture of a batch is searched in its own bank', async () => {
  const [n, patches, size, dimension] = [3, 5, 20, 4]
  const rows = draw(n * patches * dimension, 'rows')
  const banks = draw(n * size * dimension, 'banks')
  const penalty = draw(size, 'penalty').map((v) => 3 * Math.abs(v))
  const found = await runGraph(
    (g) => {
      const queries = g.input('rows', 'float32', ['n', patches, dimension])
      const bank = g.input('banks', 'float32', ['n', size, dimension])
      const cost = g.unsqueeze(g.constant(penalty, [size], 'float32'), [0])
      const { nearest, mean, index } = findNearest(g, queries, bank, { size, neighbours: 2, penalty: cost })
      g.output('nearest', nearest)
      g.output('mean', mean)
      g.output('index', index)
    },
    {
      rows: { dtype: 'float32', shape: [n, patches, dimension], data: rows },
      banks: { dtype: 'float32', shape: [n, size, dimension], data: banks },
    },
  )
  const each = Array.from({ length: n }, (_, i) =>
    searchSlowly({
      queries: rows.slice(i * patches * dimension, (i + 1) * patches * dimension),
      bank: banks.slice(i * size * dimension, (i + 1) * size * dimension),
      size,
      dimension,
      neighbours: 2,
      penalty,
    }),
  )
  expect(found['index']).toEqual(each.flatMap((e) => e.index))
  each.flatMap((e) => e.nearest).forEach((value, i) => expect(found['nearest']?.[i]).toBeCloseTo(value, 4))
  each.flatMap((e) => e.mean).forEach((value, i) => expect(found['mean']?.[i]).toBeCloseTo(value, 4))
})
