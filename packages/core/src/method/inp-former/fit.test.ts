import type { PartialRecipe } from '@assay/contract'
import { warmCosine, writeOnnx, type Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { createTestCheckpoints, createToy, type Toy } from '../../testing/toy-store.ts'
import type { FitEvent, FitInput, Fitted } from '../method.ts'
import { createBatchSource } from './batch.ts'
import { fitInpFormer } from './fit.ts'
import { planHead, startParameters } from './head.ts'
import { addInpFormerScores } from './score.ts'
import { buildTrainingStep } from './training.ts'

const grid = { height: 4, width: 5 }
const dimension = 16
const small: PartialRecipe = {
  method: 'robis',
  features: { pooling: 'tokens', groups: 1 },
  inpFormer: {
    headWidth: 8,
    blocks: 1,
    steps: 20,
    stepsPerExtraProduct: 5,
    batch: 3,
    tokensPerImage: 8,
    warmupSteps: 5,
  },
}

function inputOf(toy: Toy, layers: readonly PartialRecipe[] = [], more: Partial<FitInput> = {}): FitInput {
  return {
    store: toy.store,
    products: toy.products,
    damaged: [],
    recipe: testRecipe(small, ...layers),
    device: testDevice,
    checkpoints: createTestCheckpoints(),
    ...more,
  }
}

function lossesOf(events: readonly FitEvent[]): number[] {
  return events.filter((e) => e.type === 'step').map((e) => e.loss)
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** Scores `[patches]` of a picture of the store, or of other rows. */
async function scoresOf(input: FitInput, fitted: Fitted, rows: Float32Array): Promise<readonly number[]> {
  const patches = rows.length / dimension
  const { image = [], map = [] } = await runGraph(
    (g) => {
      const value = g.input('rows', 'float32', ['n', 'patches', dimension])
      const scores = addInpFormerScores(g, { scope: 'a.', rows: value, fitted, recipe: input.recipe })
      g.output('image', scores.image)
      g.output('map', g.mul(scores.map, 1))
    },
    { rows: { dtype: 'float32', shape: [1, patches, dimension], data: rows } },
  )
  expect(map).toEqual(image)
  return image
}

test('training lowers the loss, and what it never saw is reconstructed worse', async () => {
  using toy = createToy({ images: [6], grid, dimension })
  const input = inputOf(toy, [
    { features: { groups: 2 }, inpFormer: { headWidth: 4, blocks: 2, steps: 200 } },
  ])
  const { events, result } = await drain(fitInpFormer(input))
  const losses = lossesOf(events)
  expect(losses).toHaveLength(result.steps)
  expect(meanOf(losses.slice(-5))).toBeLessThan(0.6 * meanOf(losses.slice(0, 5)))
  const good = new Float32Array(20 * dimension)
  toy.store.read(0, null, good)
  const odd = good.map((v, i) => (i < 3 * dimension ? -2 * v : v))
  const scores = await scoresOf(input, result, odd)
  expect(meanOf(scores.slice(0, 3))).toBeGreaterThan(1.5 * meanOf(scores.slice(3)))
})

test('the number of steps is that of the recipe, or of whole passes without their incomplete batches', async () => {
  using toy = createToy({ images: [3, 4], grid, dimension })
  const steps = async (...layers: PartialRecipe[]): Promise<number> =>
    (await drain(fitInpFormer(inputOf(toy, layers)))).result.steps
  expect(await steps({ inpFormer: { steps: 3, stepsPerExtraProduct: 2 } })).toBe(5)
  // Seven pictures are two batches of three.
  expect(await steps({ inpFormer: { steps: 0, epochs: 2 } })).toBe(4)
  // Fewer pictures than a batch: seven fill three quarters of a batch of nine or so.
  expect(await steps({ inpFormer: { steps: 0, epochs: 4, batch: 14 } })).toBe(2)
})

test('the same seed gives the same tensors, another seed others', async () => {
  using toy = createToy({ images: [4, 3], grid, dimension })
  const fit = async (seed: number): Promise<Fitted> =>
    (await drain(fitInpFormer(inputOf(toy, [{ seed, inpFormer: { steps: 5 } }])))).result
  const first = await fit(1)
  expect(await fit(1)).toEqual(first)
  expect((await fit(2)).tensors['prototype_token']).not.toEqual(first.tensors['prototype_token'])
})

test('a training is its steps one after the other, with their batches, rates and numbers', async () => {
  using toy = createToy({ images: [4], grid, dimension })
  const input = inputOf(toy, [{ seed: 4, inpFormer: { steps: 4, warmupSteps: 2 } }])
  const { recipe } = input
  const source = createBatchSource(input)
  const plan = planHead(recipe, dimension)
  const { graph, carried } = buildTrainingStep(
    plan,
    recipe.inpFormer,
    startParameters(plan, recipe.seed),
    source.shape,
  )
  await using session = await openSession(writeOnnx(graph), testDevice, 'the step')
  const { rate, finalRate } = recipe.inpFormer
  const rateOf = warmCosine({ base: rate, final: finalRate, warmupSteps: 2, totalSteps: 4 })
  const scalar = (v: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(v) })
  let state = Object.fromEntries(carried.map((c) => [c.input, c.initial]))
  for (let step = 0; step < 4; step++) {
    const outputs = await session.run({
      ...source.fill(step),
      ...state,
      step: scalar(step + 1),
      learningRate: scalar(rateOf(step)),
    })
    state = Object.fromEntries(carried.map((c) => [c.input, outputs[c.output] as Tensor]))
  }
  const { result } = await drain(fitInpFormer(input))
  const expected = carried.filter((c) => c.kind === 'parameter').map((c) => [c.name, state[c.input]])
  expect(result.tensors).toEqual(Object.fromEntries(expected))
})

test.each([1, 19])(
  'stopped by hand after step %s and resumed, a training ends in the same bytes',
  async (after) => {
    using toy = createToy({ images: [4], grid, dimension })
    const whole = await drain(fitInpFormer(inputOf(toy)))
    const checkpoints = createTestCheckpoints()
    const controller = new AbortController()
    const stopped = drain(
      fitInpFormer(inputOf(toy, [], { checkpoints, signal: controller.signal })),
      (event) => {
        if (event.type === 'step' && event.step === after) controller.abort()
      },
    )
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    const resumed = await drain(fitInpFormer(inputOf(toy, [], { checkpoints })))
    expect(resumed.events[0]).toEqual({ type: 'resumed', step: after, of: 20 })
    expect(resumed.result).toEqual(whole.result)
    const finished = await drain(fitInpFormer(inputOf(toy, [], { checkpoints })))
    expect(finished.events).toEqual([{ type: 'resumed', step: 20, of: 20 }])
    expect(finished.result).toEqual(whole.result)
  },
)

test('a loss that is no number ends the training with an error', async () => {
  using toy = createToy({ images: [4], grid, dimension })
  const input = inputOf(toy, [{ inpFormer: { rate: 1e38, warmupSteps: 0 } }])
  await expect(drain(fitInpFormer(input))).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' })
})

test('a step shows every picture of a pass once, all its tokens to the prototypes and some to the decoder', () => {
  using toy = createToy({ images: [6], grid, dimension })
  const source = createBatchSource(inputOf(toy))
  expect(source.shape).toEqual({ images: 3, context: 20, tokens: 8 })
  const seen: number[] = []
  for (const step of [0, 1]) {
    const { context, tokens } = source.fill(step)
    for (let i = 0; i < 3; i++) {
      const rows = Array.from(context?.data ?? [], Number).slice(i * 20 * dimension, (i + 1) * 20 * dimension)
      const image = toy.products[0]?.images.find((image) => {
        const own = new Float32Array(20 * dimension)
        toy.store.read(image, null, own)
        return own.every((v, k) => v === rows[k])
      })
      expect(image).toBeDefined()
      seen.push(image ?? -1)
      const drawn = Array.from({ length: 8 }, (_, t) => {
        const at = (i * 8 + t) * dimension
        const row = Array.from(tokens?.data ?? [], Number).slice(at, at + dimension)
        return Array.from({ length: 20 }, (_, p) => p).find((p) =>
          row.every((v, k) => v === rows[p * dimension + k]),
        )
      })
      expect(new Set(drawn).size).toBe(8)
      expect(drawn).not.toContain(undefined)
    }
  }
  expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
})

test('where products have grids of different size, each shows as many tokens as the smallest has', () => {
  using toy = createToy({ images: [3, 3], grid, dimension })
  const products = toy.products.map((p, i) => (i === 0 ? p : { ...p, gridWidth: 3 }))
  const { shape } = createBatchSource({ ...inputOf(toy), products })
  expect(shape).toEqual({ images: 3, context: 12, tokens: 8 })
  const all = testRecipe(small, { inpFormer: { tokensPerImage: 0 } })
  expect(createBatchSource({ ...inputOf(toy), recipe: all }).shape).toEqual({
    images: 3,
    context: 20,
    tokens: 0,
  })
})
