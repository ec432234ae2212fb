import { expect, test } from 'vitest'
import type { Tensor } from '@assay/graph'
import type { FitInput } from '../method/method.ts'
import { testDevice } from '../testing/device.ts'
import { drain } from '../testing/drain.ts'
import { testRecipe } from '../testing/recipe.ts'
import { runGraph } from '../testing/run-graph.ts'
import { createTestCheckpoints, createToy, type Toy } from '../testing/toy-store.ts'
import { addBank, buildBank, excluded, ownersOfTooMuch, ownPenalty, type Bank } from './bank.ts'

function inputOf(
  toy: Toy,
  memory: { size: number; candidates: number },
  more: Partial<FitInput> = {},
): FitInput {
  return {
    store: toy.store,
    products: toy.products,
    damaged: [],
    recipe: testRecipe({ memory }),
    device: testDevice,
    checkpoints: createTestCheckpoints(),
    ...more,
  }
}

function entryOf({ entries, size, dimension }: Bank, product: number, index: number): number[] {
  const start = (product * size + index) * dimension
  return Array.from(entries.data.slice(start, start + dimension), Number)
}

function rowsOf(toy: Toy, image: number): number[][] {
  const { store } = toy
  const all = new Float32Array(store.rowsOf(image) * store.dimension)
  store.read(image, null, all)
  return Array.from({ length: store.rowsOf(image) }, (_, r) =>
    Array.from(all.subarray(r * store.dimension, (r + 1) * store.dimension)),
  )
}

test('every entry is a patch of the picture that is named as its owner, of its own product', async () => {
  using toy = createToy({ images: [3, 4], grid: { height: 4, width: 5 }, dimension: 6 })
  const { result: bank } = await drain(buildBank(inputOf(toy, { size: 12, candidates: 50 })))
  expect(bank).toMatchObject({ products: 2, size: 12, dimension: 6 })
  expect(bank.entries.shape).toEqual([2, 12, 6])
  expect(bank.pictures.shape).toEqual([2, 12])
  for (const [p, product] of toy.products.entries())
    for (let i = 0; i < bank.size; i++) {
      const owner = Number(bank.pictures.data[p * bank.size + i])
      expect(product.images).toContain(owner)
      expect(rowsOf(toy, owner)).toContainEqual(entryOf(bank, p, i))
    }
})

test('a product with fewer patches than the memory repeats its first one, with its owner', async () => {
  using large = createToy({ images: [4], grid: { height: 4, width: 5 }, dimension: 3 })
  using small = createToy({ images: [1], grid: { height: 2, width: 3 }, dimension: 3, seed: 2 })
  for (const image of small.products[0]?.images ?? [])
    large.store.append(Float32Array.from(rowsOf(small, image).flat()))
  const products = [...large.products, { name: 'small', gridHeight: 2, gridWidth: 3, images: [4] }]
  const { result: bank } = await drain(
    buildBank({ ...inputOf(large, { size: 30, candidates: 99 }), products }),
  )
  expect([bank.products, bank.size]).toEqual([2, 30])
  const own = rowsOf(small, 0)
  for (let i = 0; i < 30; i++) {
    expect(entryOf(bank, 1, i)).toEqual(own[i < 6 ? i : 0])
    expect(Number(bank.pictures.data[30 + i])).toBe(4)
  }
})

test('a finished product is taken from its checkpoint and not chosen again', async () => {
  using toy = createToy({ images: [3, 3], grid: { height: 4, width: 4 }, dimension: 5 })
  const checkpoints = createTestCheckpoints()
  const input = inputOf(toy, { size: 10, candidates: 40 }, { checkpoints })
  const { result: first } = await drain(buildBank(input))
  expect(checkpoints.names()).toHaveLength(2)
  const { result: again, events } = await drain(buildBank(input))
  expect(again).toEqual(first)
  expect(events).toHaveLength(2)
})

test('progress rises to its total', async () => {
  using toy = createToy({ images: [3, 1], grid: { height: 3, width: 3 }, dimension: 2 })
  const { events } = await drain(buildBank(inputOf(toy, { size: 20, candidates: 99 })))
  const done = events.map((e) => (e.type === 'stage' ? e.done : NaN))
  expect(done).toEqual([...done].sort((a, b) => a - b))
  expect(events.at(-1)).toEqual({ type: 'stage', stage: 'memory', done: 40, total: 40 })
})

test('another seed draws another memory, the same seed the same', async () => {
  using toy = createToy({ images: [5], grid: { height: 4, width: 4 }, dimension: 4 })
  const build = async (seed: number): Promise<Bank> =>
    (await drain(buildBank({ ...inputOf(toy, { size: 8, candidates: 30 }), recipe: recipeOf(seed) }))).result
  const recipeOf = (seed: number): FitInput['recipe'] =>
    testRecipe({ seed, memory: { size: 8, candidates: 30 } })
  expect(await build(1)).toEqual(await build(1))
  expect((await build(1)).entries).not.toEqual((await build(2)).entries)
})

test('in a graph the bank of each picture is that of its product', async () => {
  const entries: Tensor = {
    dtype: 'float32',
    shape: [3, 2, 2],
    data: Float32Array.from({ length: 12 }, (_, i) => i),
  }
  const { several, one } = await runGraph((g) => {
    g.output('several', addBank(g, { bank: entries }, g.constant([2, 0], [2], 'int64'), '').bank)
    const single: Tensor = { ...entries, shape: [1, 6, 2] }
    g.output('one', g.mul(addBank(g, { bank: single }, null, 'other.').bank, 1))
  })
  expect(several).toEqual([8, 9, 10, 11, 0, 1, 2, 3])
  expect(one).toEqual(Array.from({ length: 12 }, (_, i) => i))
})

const left = Math.fround(excluded)

/** Owners of a memory of 40 entries for each product: so many entries of each picture, one after another. */
function ownersOf(...products: readonly (readonly (readonly [image: number, entries: number])[])[]): Tensor {
  const all = products.flatMap((p) => p.flatMap(([image, n]) => Array<bigint>(n).fill(BigInt(image))))
  return { dtype: 'int64', shape: [products.length, 40], data: BigInt64Array.from(all) }
}

const owners = ownersOf(
  [
    [0, 10],
    [1, 10],
    [2, 20],
  ],
  [[5, 40]],
  [
    [0, 39],
    [7, 1],
  ],
)

test('the entries of the picture itself are left out, those of the others not', () => {
  expect([...ownPenalty(owners, 0, 1)]).toEqual([
    ...Array<number>(10).fill(0),
    ...Array<number>(10).fill(left),
    ...Array<number>(20).fill(0),
  ])
  expect([...ownPenalty(owners, 2, 7)]).toEqual([...Array<number>(39).fill(0), left])
  expect([...ownPenalty(owners, 0, 9)]).toEqual(Array<number>(40).fill(0))
  expect(ownersOfTooMuch(owners, 0).size).toBe(0)
})

test('a single picture, or the first of many copies, is judged with its own entries', () => {
  // Too few entries would be left for the nearest few, and the scores would be those of the penalty.
  expect([...ownPenalty(owners, 1, 5)]).toEqual(Array<number>(40).fill(0))
  expect([...ownPenalty(owners, 2, 0)]).toEqual(Array<number>(40).fill(0))
  expect([...ownersOfTooMuch(owners, 1)]).toEqual([5])
  expect([...ownersOfTooMuch(owners, 2)]).toEqual([0])
})
