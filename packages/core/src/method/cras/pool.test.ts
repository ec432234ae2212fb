import { expect, test } from 'vitest'
import { buildBank, type Bank } from '../../memory/bank.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { createTestCheckpoints, createToy, type Toy, type ToyOptions } from '../../testing/toy-store.ts'
import type { FitInput } from '../method.ts'
import { buildPool, type Pool } from './pool.ts'

interface Made {
  readonly input: FitInput
  readonly bank: Bank
  readonly pool: Pool
}

async function make(toy: Toy, size: number): Promise<Made> {
  const input: FitInput = {
    store: toy.store,
    products: toy.products,
    damaged: toy.damaged,
    recipe: testRecipe({ memory: { size, candidates: 1000 } }),
    device: testDevice,
    checkpoints: createTestCheckpoints(),
  }
  const { result: bank } = await drain(buildBank(input))
  const { result: pool } = await drain(buildPool(input, bank))
  return { input, bank, pool }
}

const grid: ToyOptions['grid'] = { height: 4, width: 4 }

/** Distance of a row to an entry of the bank, all products one after another. */
function distance(bank: Bank, row: Float32Array, entry: number): number {
  const start = entry * bank.dimension
  return Math.hypot(...row.map((v, i) => v - Number(bank.entries.data[start + i])))
}

/** The nearest entry of the product that is not of the picture itself. */
function nearestSlowly(bank: Bank, product: number, row: Float32Array, image: number): number {
  let best = Infinity
  for (let i = product * bank.size; i < (product + 1) * bank.size; i++)
    if (Number(bank.pictures.data[i]) !== image) best = Math.min(best, distance(bank, row, i))
  return best
}

test('the centre of a patch is the nearest entry of its product, never one of its own picture', async () => {
  using toy = createToy({ images: [4, 3], grid, dimension: 6 })
  const { bank, pool, input } = await make(toy, 30)
  const { dimension } = toy.store
  // All patches fit the pool, so it holds them in the order of the store.
  expect(pool.good.count).toBe(7 * 16)
  for (let r = 0; r < pool.good.count; r++) {
    const image = Math.floor(r / 16)
    const product = image < 4 ? 0 : 1
    const row = pool.good.rows.subarray(r * dimension, (r + 1) * dimension)
    const centre = pool.good.centres[r] ?? NaN
    expect(Math.floor(centre / bank.size)).toBe(product)
    expect(Number(bank.pictures.data[centre])).not.toBe(image)
    expect(distance(bank, row, centre)).toBeCloseTo(nearestSlowly(bank, product, row, image), 4)
  }
  let at = 0
  for (const { picture, product, rows } of input.damaged)
    for (let r = 0; r < rows.length / dimension; r++, at++) {
      const row = rows.subarray(r * dimension, (r + 1) * dimension)
      expect(pool.damaged.rows.subarray(at * dimension, (at + 1) * dimension)).toEqual(row)
      const centre = pool.damaged.centres[at] ?? NaN
      expect(distance(bank, row, centre)).toBeCloseTo(nearestSlowly(bank, product, row, picture), 4)
    }
  expect(pool.damaged.count).toBe(at)
})

test('damaged patches that hardly moved are no fakes', async () => {
  using toy = createToy({ images: [4], grid, dimension: 6 })
  const still = toy.damaged.map((d) => ({ ...d, moved: new Float32Array(d.moved.length).fill(0.01) }))
  const { pool } = await make({ ...toy, damaged: still }, 20)
  expect(pool.damaged.count).toBe(0)
})

test('with a single picture a patch finds the entry that is nearest to it', async () => {
  using toy = createToy({ images: [1], grid: { height: 6, width: 6 }, dimension: 6 })
  const { bank, pool } = await make(toy, 12)
  const { dimension } = toy.store
  for (let r = 0; r < pool.good.count; r++) {
    const row = pool.good.rows.subarray(r * dimension, (r + 1) * dimension)
    expect(distance(bank, row, pool.good.centres[r] ?? NaN)).toBeCloseTo(nearestSlowly(bank, 0, row, -1), 4)
  }
  expect(pool.damaged.count).toBeGreaterThan(0)
})

test('with many copies of one picture every patch finds the entry that is nearest to it', async () => {
  using toy = createToy({ images: [1], grid: { height: 6, width: 6 }, dimension: 6 })
  const rows = new Float32Array(36 * 6)
  toy.store.read(0, null, rows)
  for (let copy = 0; copy < 5; copy++) toy.store.append(rows)
  const products = [{ name: 'copies', gridHeight: 6, gridWidth: 6, images: [0, 1, 2, 3, 4, 5] }]
  const { bank, pool } = await make({ ...toy, products }, 24)
  // The first of equal patches is chosen, so nearly the whole memory belongs to the first picture.
  expect([...bank.pictures.data].filter((image) => Number(image) === 0).length).toBeGreaterThan(20)
  for (let r = 0; r < pool.good.count; r++) {
    const row = pool.good.rows.subarray(r * 6, (r + 1) * 6)
    const nearest = nearestSlowly(bank, 0, row, -1)
    expect(distance(bank, row, pool.good.centres[r] ?? NaN)).toBeCloseTo(nearest, 4)
  }
  expect(pool.damaged.count).toBeGreaterThan(0)
})
