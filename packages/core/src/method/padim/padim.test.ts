import { AssayError, type PartialRecipe } from '@assay/contract'
import { expect, test } from 'vitest'
import { resolveRecipe } from '../../pipeline/recipe.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { drawPicture } from '../../testing/picture.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { patchScores, tinySize, trainTinyModel } from '../../testing/tiny-model.ts'
import { createTestCheckpoints, createToy, type Toy } from '../../testing/toy-store.ts'
import type { Fitted, TrainingProduct } from '../method.ts'
import { padim } from './index.ts'

const absolute: PartialRecipe = { padim: { ridge: 'absolute', ridgeScale: 0.05 } }

async function fit(toy: Toy, products: readonly TrainingProduct[], layer = absolute): Promise<Fitted> {
  const recipe = testRecipe(layer)
  const { result } = await drain(
    padim.fit({
      store: toy.store,
      products,
      damaged: [],
      recipe,
      device: testDevice,
      checkpoints: createTestCheckpoints(),
    }),
  )
  return result
}

/** Distances of pictures `[n, height * width, dimension]`, each of its product. */
async function score(
  fitted: Fitted,
  rows: Float32Array,
  [n, height, width, dimension]: readonly [number, number, number, number],
  product: readonly number[] | null,
): Promise<readonly number[]> {
  const { image = [] } = await runGraph(
    (g) => {
      const value = g.input('rows', 'float32', ['n', height * width, dimension])
      const grid = g.reshape(g.transpose(value, [0, 2, 1]), [0, 0, height, width])
      const index = product === null ? null : g.input('product', 'int64', ['n'])
      const common = { scope: '', rows: value, grid, fitted, recipe: testRecipe(absolute) }
      g.output('image', padim.addScores(g, { ...common, product: index, penalty: null }).image)
    },
    {
      rows: { dtype: 'float32', shape: [n, height * width, dimension], data: rows },
      ...(product !== null && {
        product: { dtype: 'int64', shape: [n], data: BigInt64Array.from(product, BigInt) },
      }),
    },
  )
  return image
}

function rowsOf(toy: Toy, image: number): Float32Array {
  const rows = new Float32Array(toy.store.rowsOf(image) * toy.store.dimension)
  toy.store.read(image, null, rows)
  return rows
}

/** Two toys in one store, on grids of different shape. */
function createUnequal(): { toy: Toy; products: readonly [TrainingProduct, TrainingProduct] } {
  const toy = createToy({ images: [6], grid: { height: 3, width: 5 }, dimension: 4 })
  using other = createToy({ images: [5], grid: { height: 4, width: 2 }, dimension: 4, seed: 2 })
  for (let image = 0; image < 5; image++) toy.store.append(rowsOf(other, image))
  const [first] = toy.products
  if (first === undefined) throw new Error('no product')
  return {
    toy,
    products: [first, { name: 'other', gridHeight: 4, gridWidth: 2, images: [6, 7, 8, 9, 10] }],
  }
}

test('products on different grids are judged together exactly as each alone', async () => {
  const { toy, products } = createUnequal()
  using _ = toy
  const both = await fit(toy, products)
  expect(both.tensors['mean']?.shape).toEqual([2, 4, 5, 4])
  for (const [p, product] of products.entries()) {
    const rows = rowsOf(toy, product.images[0] ?? NaN)
    const shape = [1, product.gridHeight, product.gridWidth, 4] as const
    const alone = await score(await fit(toy, [product]), rows, shape, null)
    expect(alone).toHaveLength(product.gridHeight * product.gridWidth)
    const together = await score(both, rows, shape, [p])
    together.forEach((v, i) => expect(v).toBeCloseTo(alone[i] ?? NaN, 5))
  }
})

test('pictures of several products in one batch take the Gaussians of their own', async () => {
  using toy = createToy({ images: [6, 6], grid: { height: 3, width: 2 }, dimension: 5 })
  const fitted = await fit(toy, toy.products)
  const [a, b] = [rowsOf(toy, 0), rowsOf(toy, 7)]
  const shape = [3, 2, 5] as const
  const batch = await score(fitted, Float32Array.from([...b, ...a]), [2, ...shape], [1, 0])
  const each = [await score(fitted, b, [1, ...shape], [1]), await score(fitted, a, [1, ...shape], [0])]
  each.flat().forEach((v, i) => expect(batch[i]).toBeCloseTo(v, 5))
  const swapped = await score(fitted, a, [1, ...shape], [1])
  expect(Math.min(...swapped)).toBeGreaterThan(Math.max(...(each[1] ?? [])))
})

test('a picture twice as large takes the Gaussians of the same relative places', async () => {
  using toy = createToy({ images: [6], grid: { height: 2, width: 3 }, dimension: 3 })
  const fitted = await fit(toy, toy.products)
  const rows = rowsOf(toy, 0)
  const usual = await score(fitted, rows, [1, 2, 3, 3], null)
  const large = new Float32Array(4 * 6 * 3)
  const expected: number[] = []
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 6; x++) {
      const from = Math.floor(y / 2) * 3 + Math.floor(x / 2)
      large.set(rows.subarray(from * 3, from * 3 + 3), (y * 6 + x) * 3)
      expected.push(usual[from] ?? NaN)
    }
  const found = await score(fitted, large, [1, 4, 6, 3], null)
  found.forEach((v, i) => expect(v).toBeCloseTo(expected[i] ?? NaN, 5))
})

test('a patch is strange at a place where it is unusual, however usual it is elsewhere', async () => {
  using toy = createToy({ images: [8], grid: { height: 2, width: 2 }, dimension: 6 })
  const fitted = await fit(toy, toy.products)
  const rows = rowsOf(toy, 0)
  const usual = await score(fitted, rows, [1, 2, 2, 6], null)
  const moved = Float32Array.from([...rows.subarray(6), ...rows.subarray(0, 6)])
  const strange = await score(fitted, moved, [1, 2, 2, 6], null)
  expect(Math.min(...strange)).toBeGreaterThan(2 * Math.max(...usual))
})

test.each([
  ['one picture', [1]],
  ['as many as a feature has values', [5]],
])('%s is enough for finite distances, also where all pictures are alike', async (_, images) => {
  for (const noise of [0.2, 0]) {
    using toy = createToy({ images, grid: { height: 2, width: 2 }, dimension: 5, noise })
    for (const layer of [absolute, { padim: { ridge: 'relative' } } as const]) {
      const rows = rowsOf(toy, 0).map((v, i) => v + (i < 5 ? 1 : 0))
      const [first = NaN, ...others] = await score(
        await fit(toy, toy.products, layer),
        rows,
        [1, 2, 2, 5],
        null,
      )
      expect(Number.isFinite(first)).toBe(true)
      for (const v of others) expect(v).toBeLessThan(first)
    }
  }
})

test('black pictures only give a model whose distances are finite', async () => {
  using toy = createToy({ images: [2], grid: { height: 1, width: 1 }, dimension: 3, noise: 0 })
  for (const image of [0, 1]) rowsOf(toy, image).fill(0)
  toy.store.append(new Float32Array(3))
  toy.store.append(new Float32Array(3))
  const black = { name: 'black', gridHeight: 1, gridWidth: 1, images: [2, 3] }
  const fitted = await fit(toy, [black], { padim: { ridge: 'relative' } })
  const [distance = NaN] = await score(fitted, Float32Array.of(1, 0, 0), [1, 1, 1, 3], null)
  expect(distance).toBeGreaterThan(0)
  expect(Number.isFinite(distance)).toBe(true)
})

test('the values of a feature that are used depend on the seed, and all are where there are no more', async () => {
  using toy = createToy({ images: [3], grid: { height: 1, width: 2 }, dimension: 9 })
  const columns = async (seed: number, dimensions: number): Promise<readonly number[]> => {
    const { tensors } = await fit(toy, toy.products, { seed, padim: { dimensions } })
    return Array.from(tensors['columns']?.data ?? [], Number)
  }
  const drawn = await columns(1, 4)
  expect(new Set(drawn).size).toBe(4)
  expect(await columns(1, 4)).toEqual(drawn)
  expect(await columns(2, 4)).not.toEqual(drawn)
  expect(await columns(1, 20)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
})

test('a model that no file could hold is refused before anything is counted', async () => {
  using toy = createToy({ images: [1], grid: { height: 1, width: 1 }, dimension: 300 })
  const products = [{ name: 'vast', gridHeight: 200, gridWidth: 200, images: [0] }]
  await expect(fit(toy, products, { padim: { dimensions: 300 } })).rejects.toMatchObject({
    code: 'RECIPE_VALUE_INVALID',
    params: { key: 'padim.dimensions', reason: expect.stringContaining('7.2 GB') },
  })
})

test('windows and tokens are refused: neither shows the same place in every picture', () => {
  const refusal = (options: Parameters<typeof resolveRecipe>[0]): unknown => {
    try {
      return resolveRecipe({ method: 'padim', ...options }, 1)
    } catch (error) {
      return error instanceof AssayError ? error.params : error
    }
  }
  expect(refusal({ window: 512 })).toMatchObject({ key: 'input.fit' })
  const features = { pooling: 'tokens' as const, dimension: 64, balance: false, tapWeights: [] }
  expect(refusal({ recipe: { features } })).toMatchObject({ key: 'features.pooling' })
})

test('as published it takes three layers of a ResNet-18, and another backbone its own taps', () => {
  const published = resolveRecipe({ method: 'padim', mode: 'paper' }, 1)
  expect(published.features).toMatchObject({ backbone: 'resnet18', taps: ['layer1', 'layer2', 'layer3'] })
  expect(published).toMatchObject({ input: { crop: 224 }, padim: { ridge: 'absolute', ridgeScale: 0.01 } })
  const other = resolveRecipe({ method: 'padim', mode: 'paper', backbone: 'efficientnet-lite0' }, 1)
  expect(other.features.taps).toEqual(['stage3', 'stage5'])
})

test('in a whole model, of several products and scales, a changed place is the strangest', async () => {
  const parts = await trainTinyModel({
    products: 2,
    layers: [{ method: 'padim', input: { scales: [1, 0.5] }, score: { topShare: 0 } }],
  })
  const good = drawPicture({ ...tinySize, seed: 30 })
  const pixels = good.pixels.slice()
  for (let y = 32; y < 48; y++)
    for (let x = 64; x < 80; x++) pixels.fill(y % 4 < 2 ? 255 : 0, (y * 96 + x) * 3, (y * 96 + x) * 3 + 3)
  const single = { ...parts, fitted: parts.fitted.map(firstProduct), products: 1 }
  const [fine] = await patchScores(single, { ...good, pixels })
  const scores = fine?.map ?? []
  const strangest = scores.indexOf(Math.max(...scores))
  const [row, column] = [Math.floor(strangest / 12), strangest % 12]
  expect(row).toBeGreaterThanOrEqual(3)
  expect(row).toBeLessThanOrEqual(6)
  expect(column).toBeGreaterThanOrEqual(7)
  expect(column).toBeLessThanOrEqual(10)
})

/** The part of a fitted model that is about its first product. */
function firstProduct({ tensors, ...rest }: Fitted): Fitted {
  const cut = Object.entries(tensors).map(([name, t]) => {
    if (name === 'columns') return [name, t]
    const size = t.data.length / (t.shape[0] ?? 1)
    return [name, { ...t, shape: [1, ...t.shape.slice(1)], data: t.data.slice(0, size) }]
  })
  return { ...rest, tensors: Object.fromEntries(cut) as Fitted['tensors'] }
}
