import { expect, test } from 'vitest'
import type { Bank } from '../../memory/bank.ts'
import { createRandom } from '../../random.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { createTestCheckpoints, createToy } from '../../testing/toy-store.ts'
import { addCentreSearch, addCosineSearch, addExclusion, buildCentres } from './centres.ts'

function draw(length: number, ...stream: (string | number)[]): Float32Array {
  const data = new Float32Array(length)
  createRandom(8, ...stream).fillNormal(data)
  return data
}

const meansRecipe = testRecipe({ cras: { centres: 'position-mean' } })

test('paper mode takes the mean of every position over the pictures of the product', async () => {
  using toy = createToy({ images: [3, 2], grid: { height: 2, width: 3 }, dimension: 4 })
  const { result: bank } = await drain(
    buildCentres({ ...toy, recipe: meansRecipe, device: testDevice, checkpoints: createTestCheckpoints() }),
  )
  expect(bank).toMatchObject({ products: 2, size: 6, dimension: 4 })
  for (const [p, { images }] of toy.products.entries()) {
    const all = images.map((image) => {
      const rows = new Float32Array(24)
      toy.store.read(image, null, rows)
      return rows
    })
    for (let i = 0; i < 24; i++) {
      const mean = all.reduce((sum, rows) => sum + (rows[i] ?? NaN), 0) / all.length
      expect(Number(bank.entries.data[p * 24 + i])).toBeCloseTo(mean, 6)
    }
  }
})

test('with one product nothing is excluded; with several only the others', async () => {
  const bank: Bank = {
    entries: { dtype: 'float32', shape: [3, 2, 1], data: new Float32Array(6) },
    pictures: { dtype: 'int64', shape: [3, 2], data: new BigInt64Array(6) },
    products: 3,
    size: 2,
    dimension: 1,
  }
  const { cost = [] } = await runGraph((g) => {
    const product = g.constant([1, 0], [2], 'int64')
    expect(addExclusion(g, { ...bank, products: 1 }, product)).toBeNull()
    const cost = addExclusion(g, bank, product)
    if (cost === null) throw new Error('no exclusion')
    g.output('cost', cost)
  })
  expect(cost.map((c) => c > 0)).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
    false,
    false,
    true,
    true,
    true,
    true,
  ])
})

test('the centre is the entry itself, for one bank and for a bank per picture', async () => {
  const [n, patches, size, dimension] = [3, 4, 7, 2]
  const rows = draw(n * patches * dimension, 'rows')
  const banks = draw(n * size * dimension, 'banks')
  const {
    several = [],
    nearest = [],
    one = [],
  } = await runGraph(
    (g) => {
      const queries = g.input('rows', 'float32', ['n', patches, dimension])
      const each = g.input('banks', 'float32', ['n', size, dimension])
      const found = addCentreSearch(g, queries, each, { size })
      g.output('several', found.centres)
      g.output('nearest', found.nearest)
      const first = g.constant(banks.slice(0, size * dimension), [size, dimension], 'float32')
      g.output('one', addCentreSearch(g, queries, first, { size }).centres)
    },
    {
      rows: { dtype: 'float32', shape: [n, patches, dimension], data: rows },
      banks: { dtype: 'float32', shape: [n, size, dimension], data: banks },
    },
  )
  for (let row = 0; row < n * patches; row++) {
    const query = Array.from(rows.slice(row * dimension, (row + 1) * dimension))
    for (const [found, start] of [
      [several, Math.floor(row / patches) * size],
      [one, 0],
    ] as const) {
      const distances = Array.from({ length: size }, (_, k) =>
        Math.hypot(...query.map((v, i) => v - (banks[(start + k) * dimension + i] ?? NaN))),
      )
      const k = distances.indexOf(Math.min(...distances))
      expect(found.slice(row * dimension, (row + 1) * dimension)).toEqual(
        Array.from(banks.slice((start + k) * dimension, (start + k + 1) * dimension)),
      )
      if (found === several) expect(nearest[row]).toBeCloseTo(distances[k] ?? NaN, 4)
    }
  }
})

test('the search by cosine does not look at lengths, and gives the centre in its own length', async () => {
  const { found } = await runGraph((g) => {
    const rows = g.constant([0.1, 0, -3, 3, 5, 6], [3, 2], 'float32')
    const bank = g.constant([100, 1, -0.1, 0.1, 0, 7], [3, 2], 'float32')
    g.output('found', addCosineSearch(g, rows, bank, { size: 3 }))
  })
  expect(found?.map((v) => Math.round(v * 100) / 100)).toEqual([100, 1, -0.1, 0.1, 0, 7])
})
