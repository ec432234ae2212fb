import { expect, test } from 'vitest'
import type { Bank } from '../../memory/bank.ts'
import { testDevice } from '../../testing/device.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { createTestCheckpoints, createToy, type Toy } from '../../testing/toy-store.ts'
import type { FitInput } from '../method.ts'
import { createImageSource, createPoolSource, type BatchSource } from './batch.ts'
import type { Pool, PooledRows } from './pool.ts'

const bank: Bank = {
  entries: {
    dtype: 'float32',
    shape: [2, 3, 2],
    data: Float32Array.from({ length: 12 }, (_, i) => 100 + i),
  },
  pictures: { dtype: 'int64', shape: [2, 3], data: new BigInt64Array(6) },
  products: 2,
  size: 3,
  dimension: 2,
}

/** Row i is [start + i, start + i], and its centre is entry i modulo 6. */
function createRows(count: number, start: number): PooledRows {
  return {
    count,
    rows: Float32Array.from({ length: 2 * count }, (_, i) => start + Math.floor(i / 2)),
    centres: Uint32Array.from({ length: count }, (_, i) => i % 6),
  }
}

const pool: Pool = { good: createRows(50, 0), damaged: createRows(30, 1000) }
const recipe = testRecipe({ seed: 3, cras: { batch: 4, patchesPerImage: 10, damagedShare: 0.3 } })

function read(source: BatchSource, step: number): Record<string, number[]> {
  const feeds = source.fill(step)
  return Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, Array.from(t.data, Number)]))
}

test('good rows come first, then damaged ones, each with its own centre', () => {
  const source = createPoolSource(pool, bank, recipe)
  expect([source.rows, source.damagedRows]).toEqual([40, 12])
  const { rows = [], centres = [] } = read(source, 7)
  expect([rows.length, centres.length]).toEqual([2 * 52, 2 * 52])
  for (let r = 0; r < 52; r++) {
    const [a = NaN, b = NaN] = rows.slice(2 * r)
    expect(a).toBe(b)
    expect(a >= 1000).toBe(r >= 40)
    const entry = (a % 1000) % 6
    expect(centres.slice(2 * r, 2 * r + 2)).toEqual([100 + 2 * entry, 101 + 2 * entry])
  }
})

test('without damaged patches there are no damaged rows', () => {
  const source = createPoolSource({ ...pool, damaged: createRows(0, 0) }, bank, recipe)
  expect([source.rows, source.damagedRows]).toEqual([40, 0])
  expect(read(source, 0)['rows']).toHaveLength(80)
  const none = testRecipe({ cras: { damagedShare: 0 } })
  expect(createPoolSource(pool, bank, none).damagedRows).toBe(0)
})

test.each([
  ['pool', (seed: number) => createPoolSource(pool, bank, testRecipe({ ...recipe, seed }))],
  ['image', (seed: number) => createImageSource(imageInput(shared, { seed }), imageBank)],
] as const)('a batch of the %s source depends on seed and step alone', (_, create) => {
  const inOrder = create(3)
  const batches = [0, 1, 2, 3, 4, 5].map((step) => read(inOrder, step))
  const backwards = create(3)
  for (const step of [5, 3, 4, 0]) expect(read(backwards, step)).toEqual(batches[step])
  // The first rows are good ones, the last ones damaged where there are any.
  for (const part of [batches.map((b) => b['rows']?.slice(0, 12)), batches.map((b) => b['rows']?.slice(-12))])
    expect(new Set(part.map(String)).size).toBeGreaterThan(3)
  expect(read(create(4), 0)).not.toEqual(batches[0])
})

const shared = createToy({ images: [3, 4], grid: { height: 2, width: 3 }, dimension: 2 })
const imageBank: Bank = { ...bank, size: 6 }

function imageInput(
  toy: Toy,
  { seed = 3, batch = 2, limit = -1, patchesPerImage = 0 }: Partial<Record<string, number>>,
): FitInput {
  return {
    store: toy.store,
    products: toy.products,
    damaged: [],
    recipe: testRecipe({ seed, mode: 'paper', cras: { batch, limit, patchesPerImage } }),
    device: testDevice,
    checkpoints: createTestCheckpoints(),
  }
}

function imageOf(rows: readonly number[]): number {
  for (const image of shared.products.flatMap((p) => p.images)) {
    const all = new Float32Array(shared.store.rowsOf(image) * 2)
    shared.store.read(image, null, all)
    if (rows.every((v, i) => v === all[i])) return image
  }
  return NaN
}

test('whole pictures are drawn in passes, each once, with their product', () => {
  const source = createImageSource(imageInput(shared, { batch: 2 }), imageBank)
  expect([source.rows, source.damagedRows]).toEqual([12, 0])
  const images: number[] = []
  // Seven batches of two are two passes over seven pictures.
  for (let step = 0; step < 7; step++) {
    const { rows = [], rowProduct = [] } = read(source, step)
    for (const i of [0, 1]) {
      const image = imageOf(rows.slice(12 * i, 12 * (i + 1)))
      images.push(image)
      expect(new Set(rowProduct.slice(6 * i, 6 * (i + 1)))).toEqual(new Set([image < 3 ? 0 : 1]))
    }
  }
  const all = new Set([0, 1, 2, 3, 4, 5, 6])
  expect(new Set(images.slice(0, 7))).toEqual(all)
  expect(new Set(images.slice(7))).toEqual(all)
})

test('a limit cuts every pass, and another pass has other pictures', () => {
  const source = createImageSource(imageInput(shared, { batch: 2, limit: 2 }), imageBank)
  const passes = Array.from({ length: 12 }, (_, step) => {
    const { rows = [] } = read(source, step)
    const images = [0, 1].map((i) => imageOf(rows.slice(12 * i, 12 * (i + 1))))
    expect(images[0]).not.toBe(images[1])
    return images.sort((a, b) => a - b).join()
  })
  expect(new Set(passes).size).toBeGreaterThan(3)
})

test('a batch larger than the data takes pictures again', () => {
  const source = createImageSource(imageInput(shared, { batch: 20 }), imageBank)
  expect(read(source, 0)['rows']).toHaveLength(20 * 6 * 2)
})

test('some patches of each picture are drawn where the recipe asks for some, all where it asks for more', () => {
  const source = createImageSource(imageInput(shared, { batch: 3, patchesPerImage: 2 }), imageBank)
  expect(source.rows).toBe(6)
  const { rows = [] } = read(source, 0)
  expect(rows.slice(0, 2)).not.toEqual(rows.slice(2, 4))
  const many = createImageSource(imageInput(shared, { batch: 3, patchesPerImage: 1000 }), imageBank)
  expect(many.rows).toBe(18)
  expect(read(many, 0)['rows']).toHaveLength(36)
})
