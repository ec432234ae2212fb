import { paperRecipe, type PartialRecipe } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import { buildBank, ownPenalty } from '../../memory/bank.ts'
import { createRandom } from '../../random.ts'
import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { createTestCheckpoints, createToy, type Toy } from '../../testing/toy-store.ts'
import type { Checkpoints, FitEvent, FitInput, Fitted } from '../method.ts'
import { createPoolSource } from './batch.ts'
import { fitCras } from './fit.ts'
import { buildPool } from './pool.ts'
import { addCrasScores, addPaperRoute, addReadings } from './score.ts'
import { buildTrainingModel } from './training.ts'

const grid = { height: 4, width: 5 }
const small: PartialRecipe = {
  memory: { size: 36, candidates: 200, neighbours: 2 },
  cras: {
    steps: 30,
    stepsPerExtraProduct: 5,
    batch: 2,
    patchesPerImage: 20,
    adaptorRate: 1e-3,
    headRate: 1e-2,
  },
}
/** The published noise of 0.015 would be none for the toy's features. */
const paper: PartialRecipe = {
  ...paperRecipe(1),
  cras: { ...paperRecipe(1).cras, epochs: 4, batch: 2, noiseScale: 0.6 },
}

function inputOf(toy: Toy, layers: readonly PartialRecipe[], more: Partial<FitInput> = {}): FitInput {
  return {
    store: toy.store,
    products: toy.products,
    damaged: toy.damaged,
    recipe: testRecipe(...layers),
    device: testDevice,
    checkpoints: createTestCheckpoints(),
    ...more,
  }
}

function lossesOf(events: readonly FitEvent[]): number[] {
  return events.filter((e) => e.type === 'step').map((e) => e.loss)
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

test.each([
  ['assay', [small]],
  ['paper', [{ ...paper, cras: { ...paper.cras, epochs: 20, headRate: 1e-2 } }]],
] as const)('in %s mode training lowers the loss', async (_, layers) => {
  using toy = createToy({ images: [6], grid, dimension: 6 })
  const { events, result } = await drain(fitCras(inputOf(toy, layers)))
  const losses = lossesOf(events)
  expect(losses).toHaveLength(result.steps)
  expect(meanOf(losses.slice(-5))).toBeLessThan(0.8 * meanOf(losses.slice(0, 5)))
})

test('the number of steps is that of the recipe, or of its epochs', async () => {
  using toy = createToy({ images: [3, 4], grid, dimension: 4 })
  const steps = async (...layers: PartialRecipe[]): Promise<number> =>
    (await drain(fitCras(inputOf(toy, layers)))).result.steps
  expect(await steps(small, { cras: { steps: 3, stepsPerExtraProduct: 2 } })).toBe(5)
  // Seven pictures in batches of two are four steps per pass.
  expect(await steps(paper, { cras: { epochs: 2 } })).toBe(8)
  expect(await steps(paper, { cras: { epochs: 3, limit: 4 } })).toBe(6)
})

test('the same seed gives the same tensors, another seed others', async () => {
  using toy = createToy({ images: [4, 3], grid, dimension: 5 })
  const fit = async (seed: number): Promise<Fitted> =>
    (await drain(fitCras(inputOf(toy, [small, { seed, cras: { steps: 5 } }])))).result
  const first = await fit(1)
  expect(await fit(1)).toEqual(first)
  const other = await fit(2)
  for (const name of ['head0.block1.weight', 'head1.adaptor.weight'])
    expect(other.tensors[name], name).not.toEqual(first.tensors[name])
})

test('a training is its steps one after the other, with their batches, noise and number', async () => {
  using toy = createToy({ images: [4], grid, dimension: 5 })
  const input = inputOf(toy, [small, { seed: 4, cras: { steps: 4, noise: 'absolute', noiseScale: 0.3 } }])
  const { recipe } = input
  const { result: bank } = await drain(buildBank(input))
  const { result: pool } = await drain(buildPool(input, bank))
  const source = createPoolSource(pool, bank, recipe)
  const { rows, damagedRows } = source
  const model = buildTrainingModel(recipe, bank, { rows, damagedRows, dimension: 5, noise: 0.3 })
  await using session = await openSession(model.bytes, testDevice, 'the step')
  let state = model.initial
  for (let step = 0; step < 4; step++) {
    const feeds: Record<string, Tensor> = {
      ...source.fill(step),
      ...state,
      time: { dtype: 'float32', shape: [], data: Float32Array.of(step + 1) },
    }
    for (const head of recipe.cras.headInputs.keys()) {
      const data = new Float32Array((rows - damagedRows) * 5)
      createRandom(4, 'cras-noise', step, head).fillNormal(data)
      feeds[`noise${head}`] = { dtype: 'float32', shape: [rows - damagedRows, 5], data }
    }
    const outputs = await session.run(feeds)
    state = Object.fromEntries(
      Object.entries(model.loop).map(([name, output]) => [name, outputs[output] as Tensor]),
    )
  }
  const { result } = await drain(fitCras(input))
  const trained = Object.entries(state).filter(([name]) => name.startsWith('head'))
  for (const [name, t] of trained) expect(result.tensors[name], name).toEqual(t)
  expect(Object.keys(result.tensors)).toHaveLength(trained.length + 2)
})

test.each([
  ['assay', [small], 0],
  ['assay', [small], 7],
  ['assay', [small], 29],
  ['paper', [paper], 5],
] as const)(
  'stopped by hand and resumed, a training in %s mode ends in the same bytes',
  async (_, layers, after) => {
    using toy = createToy({ images: [4], grid, dimension: 5 })
    const whole = await drain(fitCras(inputOf(toy, layers)))
    const checkpoints = createTestCheckpoints()
    const controller = new AbortController()
    const stopped = drain(
      fitCras(inputOf(toy, layers, { checkpoints, signal: controller.signal })),
      (event) => {
        const isLast = after === 0 ? event.type === 'stage' && event.stage === 'head' : false
        if (isLast || (event.type === 'step' && event.step === after)) controller.abort()
      },
    )
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    const resumed = await drain(fitCras(inputOf(toy, layers, { checkpoints })))
    expect(resumed.events).toContainEqual({ type: 'resumed', step: after, of: whole.result.steps })
    expect(lossesOf(resumed.events)).toEqual(lossesOf(whole.events).slice(after))
    expect(resumed.result).toEqual(whole.result)
  },
)

test('a training that was finished before the interruption takes no further step', async () => {
  using toy = createToy({ images: [4], grid, dimension: 5 })
  const checkpoints = createTestCheckpoints()
  const first = await drain(fitCras(inputOf(toy, [small], { checkpoints })))
  const again = await drain(fitCras(inputOf(toy, [small], { checkpoints })))
  expect(lossesOf(again.events)).toEqual([])
  expect(again.result).toEqual(first.result)
})

test('a disk that is full when the state is saved is not swallowed', async () => {
  using toy = createToy({ images: [4], grid, dimension: 5 })
  const full: Checkpoints = {
    load: () => Promise.resolve(null),
    save: (name) => (name === 'head' ? Promise.reject(new Error('disk full')) : Promise.resolve()),
  }
  await expect(drain(fitCras(inputOf(toy, [small], { checkpoints: full })))).rejects.toThrow('disk full')
})

test('a loss that is no number stops the training and names the step', async () => {
  using toy = createToy({ images: [4], grid, dimension: 5 })
  const wild = testRecipe(small, { cras: { headRate: 1e38, adaptorRate: 1e38 } })
  await expect(drain(fitCras({ ...inputOf(toy, [small]), recipe: wild }))).rejects.toMatchObject({
    code: 'TRAINING_DIVERGED',
    params: { step: expect.any(Number), loss: expect.anything() },
  })
})

test('pictures that are all alike, or a single one, train without a fault', async () => {
  using alike = createToy({ images: [5], grid, dimension: 5, noise: 0 })
  using single = createToy({ images: [1], grid, dimension: 5 })
  for (const toy of [alike, single]) {
    const { result } = await drain(fitCras(inputOf(toy, [small, { cras: { steps: 4 } }])))
    for (const [name, t] of Object.entries(result.tensors))
      expect(Array.from(t.data, Number).every(Number.isFinite), name).toBe(true)
    // What is added for entries left out must not show in the scales.
    expect(Math.max(...Array.from(result.tensors['scales']?.data ?? [], Number))).toBeLessThan(1000)
  }
})

test('features that never change, as of black pictures, train without a fault', async () => {
  using toy = createToy({ images: [3], grid, dimension: 4, noise: 0 })
  const rows = new Float32Array(20 * 4).fill(0.5)
  for (let i = 0; i < 3; i++) toy.store.append(rows)
  const products = [{ name: 'black', gridHeight: 4, gridWidth: 5, images: [3, 4, 5] }]
  const { result } = await drain(
    fitCras({ ...inputOf(toy, [small, { cras: { steps: 4 } }]), products, damaged: [] }),
  )
  for (const [name, t] of Object.entries(result.tensors))
    expect(Array.from(t.data, Number).every(Number.isFinite), name).toBe(true)
})

/** Mean and deviation of every reading over all patches of a product, its own picture left out. */
async function scalesSlowly(
  toy: Toy,
  fitted: Fitted,
  product: number,
  recipe: FitInput['recipe'],
): Promise<number[]> {
  const { store } = toy
  const { bank, ...trained } = fitted.tensors
  const size = bank?.shape[1] ?? 0
  const width = size * store.dimension
  const entries = bank?.data.slice(product * width, (product + 1) * width) as Float32Array
  const found: Record<string, number[]> = { logit: [], nearest: [], mean: [] }
  for (const image of toy.products[product]?.images ?? []) {
    const data = new Float32Array(store.rowsOf(image) * store.dimension)
    store.read(image, null, data)
    const penalty = ownPenalty(fitted.owners as Tensor, product, image)
    const readings = await runGraph(
      (g) => {
        const rows = g.input('rows', 'float32', ['rows', store.dimension])
        const memory = g.constant(entries, [size, store.dimension], 'float32')
        const { logit, nearest, mean } = addReadings(g, {
          scope: '',
          rows,
          bank: memory,
          size,
          neighbours: recipe.memory.neighbours,
          penalty: g.constant(penalty, [1, size], 'float32'),
          tensors: trained,
          cras: recipe.cras,
        })
        g.output('logit', logit)
        g.output('nearest', nearest)
        g.output('mean', mean)
      },
      { rows: { dtype: 'float32', shape: [store.rowsOf(image), store.dimension], data } },
    )
    for (const [name, values] of Object.entries(readings)) found[name]?.push(...values)
  }
  return Object.values(found).flatMap((values) => {
    const mean = meanOf(values)
    return [mean, Math.sqrt(meanOf(values.map((v) => (v - mean) ** 2)))]
  })
}

test('the scales are mean and deviation of each reading over unseen good patches, per product', async () => {
  using toy = createToy({ images: [4, 3], grid, dimension: 5 })
  const input = inputOf(toy, [small, { cras: { steps: 4 } }])
  const { result } = await drain(fitCras(input))
  const scales = Array.from(result.tensors['scales']?.data ?? [], Number)
  expect(result.tensors['scales']?.shape).toEqual([2, 6])
  const expected = [
    ...(await scalesSlowly(toy, result, 0, input.recipe)),
    ...(await scalesSlowly(toy, result, 1, input.recipe)),
  ]
  expected.forEach((value, i) => expect(scales[i]).toBeCloseTo(value, 3))
})

interface Scored {
  readonly image: readonly number[]
  readonly map: readonly number[]
}

async function score(
  fitted: Fitted,
  recipe: FitInput['recipe'],
  rows: Float32Array,
  shape: readonly number[],
  product: readonly number[] | null,
): Promise<Scored> {
  const { image = [], map = [] } = await runGraph(
    (g) => {
      const value = g.input('rows', 'float32', ['n', ...shape.slice(1)])
      const index = product === null ? null : g.input('product', 'int64', ['n'])
      const scores = addCrasScores(g, {
        scope: '',
        rows: value,
        product: index,
        fitted,
        recipe,
        penalty: null,
      })
      g.output('image', scores.image)
      g.output('map', scores.map)
    },
    {
      rows: { dtype: 'float32', shape, data: rows },
      ...(product === null
        ? {}
        : {
            product: { dtype: 'int64', shape: [product.length], data: BigInt64Array.from(product, BigInt) },
          }),
    },
  )
  return { image, map }
}

test.each([
  ['assay', small],
  ['paper', { ...paper, cras: { ...paper.cras, epochs: 40, headRate: 1e-2 } }],
] as const)(
  'in %s mode strange patches score higher than good ones, in every product',
  async (mode, layer) => {
    using toy = createToy({ images: [5, 5], grid, dimension: 6 })
    const input = inputOf(toy, [layer, { cras: { steps: mode === 'assay' ? 60 : 0 } }])
    const { result } = await drain(fitCras(input))
    const patches = grid.height * grid.width
    const random = createRandom(77, 'strange')
    for (const product of [0, 1]) {
      const rows = new Float32Array(patches * 6)
      toy.store.read(product * 5, null, rows)
      // Every second patch is made strange.
      for (let r = 0; r < patches; r += 2) for (let i = 0; i < 6; i++) rows[r * 6 + i]! += 2 * random.normal()
      const { image, map } = await score(result, input.recipe, rows, [1, patches, 6], [product])
      for (const scores of [image, map]) {
        expect(scores).toHaveLength(patches)
        const strange = scores.filter((_, r) => r % 2 === 0)
        const good = scores.filter((_, r) => r % 2 === 1)
        const wins = strange.reduce((sum, s) => sum + good.filter((v) => v < s).length, 0)
        expect(wins / (strange.length * good.length)).toBeGreaterThan(0.8)
        if (mode === 'paper') expect(scores.every((s) => s >= 0 && s <= 1)).toBe(true)
      }
    }
  },
)

test('two pictures scored together score as each alone', async () => {
  using toy = createToy({ images: [4, 4], grid, dimension: 6 })
  const input = inputOf(toy, [small, { cras: { steps: 3 } }])
  const { result } = await drain(fitCras(input))
  const patches = grid.height * grid.width
  const rows = new Float32Array(2 * patches * 6)
  toy.store.read(1, null, rows)
  toy.store.read(6, null, rows, patches * 6)
  const both = await score(result, input.recipe, rows, [2, patches, 6], [0, 1])
  const first = await score(result, input.recipe, rows.slice(0, patches * 6), [1, patches, 6], [0])
  const second = await score(result, input.recipe, rows.slice(patches * 6), [1, patches, 6], [1])
  for (const name of ['image', 'map'] as const)
    [...first[name], ...second[name]].forEach((v, i) => expect(both[name][i]).toBeCloseTo(v, 3))
})

test('paper mode recognises the product by its centres', async () => {
  using toy = createToy({ images: [4, 4, 4], grid, dimension: 6 })
  const input = inputOf(toy, [paper])
  const { result } = await drain(fitCras(input))
  const patches = grid.height * grid.width
  const rows = new Float32Array(3 * patches * 6)
  const pictures = [9, 2, 5]
  pictures.forEach((image, i) => toy.store.read(image, null, rows, i * patches * 6))
  const { product } = await runGraph(
    (g) => {
      const value = g.input('rows', 'float32', ['n', patches, 6])
      g.output('product', addPaperRoute(g, { scope: '', rows: value, fitted: result, recipe: input.recipe }))
    },
    { rows: { dtype: 'float32', shape: [3, patches, 6], data: rows } },
  )
  expect(product).toEqual([2, 0, 1])
})
