import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFeatureStore, type FeatureStore } from '../feature/index.ts'
import { createRandom } from '../random.ts'
import { testDevice } from '../testing/device.ts'
import { drain } from '../testing/drain.ts'
import { testRecipe } from '../testing/recipe.ts'
import { createTestCheckpoints, createToy } from '../testing/toy-store.ts'
import { buildBank } from './bank.ts'
import { selectCoreset } from './coreset.ts'
import { streamCoreset, type StreamInput } from './stream.ts'

/** Pictures of patches that are whole numbers, some of them alike. */
function fill(images: number, patches: number, dimension: number, seed: number): FeatureStore {
  const store = createFeatureStore({
    dimension,
    expectedRows: images * patches,
    precision: 'float32',
    budgetBytes: Infinity,
    spillPath: '',
  })
  for (let image = 0; image < images; image++) {
    const random = createRandom(seed, 'stream', image)
    store.append(Float32Array.from({ length: patches * dimension }, () => random.integer(19) - 9))
  }
  return store
}

function inputOf(store: FeatureStore, images: number, more: Partial<StreamInput>): StreamInput {
  const all = Array.from({ length: images }, (_, i) => i)
  return { store, images: all, capacity: 20, size: 6, seed: 1, device: testDevice, ...more }
}

function readAll(store: FeatureStore, images: number): number[][] {
  const rows: number[][] = []
  for (let image = 0; image < images; image++) {
    const data = new Float32Array(store.rowsOf(image) * store.dimension)
    store.read(image, null, data)
    for (let at = 0; at < data.length; at += store.dimension)
      rows.push(Array.from(data.subarray(at, at + store.dimension)))
  }
  return rows
}

function split(rows: Float32Array, dimension: number): number[][] {
  return Array.from({ length: rows.length / dimension }, (_, i) =>
    Array.from(rows.subarray(i * dimension, (i + 1) * dimension)),
  )
}

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((v, i) => v - (b[i] ?? NaN)))

/** Largest distance of any patch to its nearest chosen one. */
function radiusOf(all: readonly number[][], chosen: readonly number[][]): number {
  return Math.max(...all.map((row) => Math.min(...chosen.map((c) => apart(row, c)))))
}

test('whatever the pool, the choice is as many real patches, and their reach over all is near that of a choice at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(1000),
      async (images, patches, size, capacity, seed) => {
        using store = fill(images, patches, 3, seed)
        const { result } = await drain(streamCoreset(inputOf(store, images, { capacity, size, seed })))
        const all = readAll(store, images)
        const chosen = split(result.rows, 3)
        expect(result.count).toBe(Math.min(size, all.length))
        expect(result.owners).toHaveLength(result.count)
        for (const [i, row] of chosen.entries()) {
          const owner = result.owners[i] ?? NaN
          expect(all.slice(owner * patches, (owner + 1) * patches)).toContainEqual(row)
        }
        const { result: once } = await drain(
          selectCoreset({
            candidates: Float32Array.from(all.flat()),
            count: all.length,
            dimension: 3,
            size,
            seed,
            device: testDevice,
          }),
        )
        const best = radiusOf(
          all,
          Array.from(once.chosen, (c) => all[c] ?? []),
        )
        // Greedy is at most twice the optimum; so is every part, and the sieve adds half a radius.
        expect(radiusOf(all, chosen)).toBeLessThanOrEqual(5 * best + 1e-6)
      },
    ),
    { numRuns: 30 },
  )
})

test('the one strange patch of a thousand is found, which a draw would miss', async () => {
  const rare = Float32Array.of(500, 500)
  for (const picture of [0, 17, 39]) {
    using store = createFeatureStore({
      dimension: 2,
      expectedRows: 1000,
      precision: 'float32',
      budgetBytes: Infinity,
      spillPath: '',
    })
    for (let image = 0; image < 40; image++) {
      const rows = new Float32Array(50)
      createRandom(image, 'usual').fillNormal(rows)
      if (image === picture) rows.set(rare, 20)
      store.append(rows)
    }
    const { result } = await drain(streamCoreset(inputOf(store, 40, { capacity: 30, size: 8 })))
    const chosen = split(result.rows, 2)
    expect(chosen).toContainEqual([500, 500])
    expect(result.owners[chosen.findIndex((row) => row[0] === 500)]).toBe(picture)
  }
})

test('patches wider than the space of the selection pass through the pool too', async () => {
  using store = fill(6, 12, 150, 3)
  const { result } = await drain(streamCoreset(inputOf(store, 6, { capacity: 30, size: 10 })))
  expect(new Set(split(result.rows, 150).map(String)).size).toBe(10)
})

test('the share that has been seen rises to one, and an abort stops it', async () => {
  using store = fill(10, 12, 3, 4)
  const { events } = await drain(streamCoreset(inputOf(store, 10, {})))
  expect(events).toEqual([...events].sort((a, b) => a - b))
  expect(events.at(-1)).toBe(1)
  const controller = new AbortController()
  const run = streamCoreset(inputOf(store, 10, { signal: controller.signal }))
  await expect(drain(run, () => controller.abort())).rejects.toThrow('aborted')
})

test('a bank of all patches is the same each time, and each product has its own', async () => {
  using toy = createToy({ images: [4, 3], grid: { height: 4, width: 5 }, dimension: 4 })
  const build = async (seed: number) => {
    const recipe = testRecipe({ seed, memory: { size: 10, consider: 'all', candidates: 25 } })
    const input = { ...toy, recipe, device: testDevice, checkpoints: createTestCheckpoints() }
    return drain(buildBank(input))
  }
  const { result: bank, events } = await build(1)
  expect((await build(1)).result).toEqual(bank)
  expect((await build(2)).result).not.toEqual(bank)
  const pictures = Array.from(bank.pictures.data, Number)
  expect(pictures.slice(0, 10).every((p) => p < 4)).toBe(true)
  expect(pictures.slice(10).every((p) => p >= 4)).toBe(true)
  const done = events.map((e) => (e.type === 'stage' ? e.done : NaN))
  expect(done).toEqual([...done].sort((a, b) => a - b))
  expect(events.at(-1)).toMatchObject({ done: 20, total: 20 })
})
