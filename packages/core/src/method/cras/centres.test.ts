import { expect, test } from 'vitest'
import type { Bank } from '../../memory/bank.ts'
import { createRandom } from '../../random.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { createTestCheckpoints, createToy } from '../../testing/toy-store.ts'
import {
  addCentreSearch,
  addCloseCosineSearch,
  addCosineSearch,
  addExclusion,
  buildCentres,
} from './centres.ts'

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

test('of two centres that are nearly as near, the nearer one is found, where a product of float32 may miss it', async () => {
  const [pairs, width] = [120, 1536]
  const cosine = (a: Float32Array, b: Float32Array): number => {
    let [dot, aa, bb] = [0, 0, 0]
    for (let i = 0; i < width; i++) {
      dot += a[i]! * b[i]!
      aa += a[i]! * a[i]!
      bb += b[i]! * b[i]!
    }
    return dot / Math.sqrt(aa * bb)
  }
  const rows = new Float32Array(pairs * width)
  const bank = new Float32Array(2 * pairs * width)
  for (let p = 0; p < pairs; p++) {
    const row = draw(width, 'row', p)
    const noise = draw(width, 'noise', p)
    const nudge = draw(width, 'nudge', p)
    rows.set(row, p * width)
    for (let i = 0; i < width; i++) {
      bank[2 * p * width + i] = row[i]! + 0.5 * noise[i]!
      bank[(2 * p + 1) * width + i] = row[i]! + 0.5 * noise[i]! + 3e-5 * nudge[i]!
    }
  }
  const nearer = Array.from({ length: pairs }, (_, p) => {
    const row = rows.subarray(p * width, (p + 1) * width)
    const [a = 0, b = 0] = [0, 1].map((k) =>
      cosine(row, bank.subarray((2 * p + k) * width, (2 * p + k + 1) * width)),
    )
    return { index: b > a ? 1 : 0, gap: Math.abs(a - b) }
  })
  const missed = async (search: typeof addCosineSearch): Promise<number> => {
    const { found } = await runGraph((g) => {
      const q = g.constant(rows, [pairs, 1, width], 'float32')
      const centres = g.constant(bank, [pairs, 2, width], 'float32')
      g.output('found', search(g, q, centres, { size: 2 }))
    })
    return nearer.filter(({ index, gap }, p) => {
      const own = bank.subarray((2 * p + index) * width, (2 * p + index + 1) * width)
      return gap > 0 && !own.every((v, i) => v === found?.[p * width + i])
    }).length
  }
  expect(nearer.filter(({ gap }) => gap < 1e-6 && gap > 5e-8).length).toBeGreaterThan(pairs / 2)
  expect(await missed(addCloseCosineSearch)).toBe(0)
  expect(await missed(addCosineSearch)).toBeGreaterThan(0)
})
