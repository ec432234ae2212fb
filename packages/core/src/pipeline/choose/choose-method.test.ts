import fs from 'node:fs/promises'
import { methodNames, type PartialRecipe } from '@assay/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../dataset/index.ts'
import { readModelFile } from '../../model/index.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { writeTinyData } from '../../testing/picture-folder.ts'
import { trainModel, type TrainOptions } from '../train.ts'
import { chooseMethod, type MethodChoice } from './index.ts'

/** Of the size of a test: nothing of it says which method is better. */
const tiny: PartialRecipe = {
  input: { pixels: 4096 },
  features: { backbone: 'efficientnet-lite0' },
  memory: { size: 60, candidates: 1000 },
  cras: { steps: 4, stepsPerExtraProduct: 2, damagedImages: 4, batch: 2, patchesPerImage: 16 },
  inpFormer: { steps: 3, stepsPerExtraProduct: 2, batch: 2, tokensPerImage: 8, warmupSteps: 1 },
}

let folder: TestFolder
beforeAll(async () => {
  folder = await createTestFolder()
  for (const [name, kinds, train] of [
    ['single', [0], 12],
    ['several', [0, 1], 12],
    ['few', [0], 11],
  ] as const) {
    await using data = await createTestFolder()
    await writeTinyData(data, { kinds, train, width: 64, height: 64 })
    await fs.cp(data.at('data'), folder.at(name), { recursive: true })
  }
})
afterAll(() => folder[Symbol.asyncDispose]())

async function choose(asked: MethodChoice | undefined, data: string, recipe: PartialRecipe = tiny) {
  const dataset = await readDataset(folder.at(data))
  return await drain(chooseMethod({ asked, options: { recipe }, dataset, device: testDevice }))
}

test('a method that was asked for is taken, and without a word the default: nothing is compared', async () => {
  const asked = await choose('patchcore', 'single')
  expect(asked.result).toEqual({ method: 'patchcore', reason: 'asked for', choice: null })
  const silent = await choose(undefined, 'single')
  expect(silent.result).toMatchObject({ method: 'cras', choice: null })
  expect(silent.events.map((e) => e.type)).toEqual(['chosen'])
})

test('auto compares every method on held-out pictures, and says for how long before it begins', async () => {
  const { events, result } = await choose('auto', 'single')
  const comparing = events.find((e) => e.type === 'comparing')
  expect(comparing).toMatchObject({ methods: methodNames, trainingImages: 8, heldOutImages: 4 })
  expect(comparing?.seconds).toBeGreaterThan(0)
  const steps = events.filter((e) => e.type === 'stage' && e.stage === 'compare')
  expect(events.indexOf(comparing ?? events[0]!)).toBeLessThan(events.indexOf(steps[0]!))
  expect(steps.at(-1)).toMatchObject({ done: 100, total: 100 })
  const candidates = result.choice?.comparison?.candidates ?? []
  expect(candidates.map((c) => c.method).sort()).toEqual([...methodNames].sort())
  for (const c of candidates) {
    expect(c.leftOut).toBeNull()
    for (const figure of [c.imageAuroc, c.aupro30, c.aupro05]) {
      expect(figure).toBeGreaterThanOrEqual(0)
      expect(figure).toBeLessThanOrEqual(1)
    }
  }
  expect(candidates.find((c) => c.method === result.method)?.isTied).toBe(true)
  // What was measured of such comparisons is not kept from whoever reads one.
  expect(events).toContainEqual({
    type: 'warning',
    message: expect.stringContaining('not picked better') as string,
  })
  expect(events.at(-1)).toMatchObject({ type: 'chosen', method: result.method, reason: result.reason })
})

test('several products are compared together, with as many pictures of each', async () => {
  const { result } = await choose('auto', 'several')
  expect(result.choice?.comparison).toMatchObject({ trainingImages: 16, heldOutImages: 8 })
  expect(result.choice?.comparison?.candidates.map((c) => c.leftOut)).toEqual([null, null, null, null])
})

test('too few pictures are not compared on: the default is taken, with the reason', async () => {
  const { result } = await choose('auto', 'few')
  expect(result.method).toBe('cras')
  expect(result.choice).toEqual({
    reason: expect.stringContaining('fewer than 12') as string,
    comparison: null,
  })
})

test('windows: a method that cannot be trained on them is left out with its reason', async () => {
  const input = { pixels: 4096, fit: 'tiles', window: 48 } as const
  const { result } = await choose('auto', 'single', { ...tiny, input })
  const padim = result.choice?.comparison?.candidates.find((c) => c.method === 'padim')
  expect(padim).toMatchObject({ imageAuroc: null, leftOut: expect.stringContaining('windows') as string })
  expect(result.method).not.toBe('padim')
})

test('the winner is trained as asked; its card says what it won against, the same for the same pictures', async () => {
  const out = folder.at('out.onnx')
  const options: TrainOptions = { data: folder.at('single'), out, method: 'auto', recipe: tiny, threads: 1 }
  const { result } = await drain(trainModel(options))
  const { card } = await readModelFile(out)
  expect(card.method).toBe(result.method)
  expect(card.recipe.profile).toBe('balanced')
  expect(card.choice).toEqual(result.choice)
  const { result: again } = await choose('auto', 'single')
  expect(card.choice).toEqual(again.choice)
})

test('a resumed training goes on with what was chosen before it was interrupted', async () => {
  const out = folder.at('resumed.onnx')
  const controller = new AbortController()
  const options: TrainOptions = { data: folder.at('single'), out, method: 'auto', recipe: tiny, threads: 1 }
  const stop = drain(trainModel({ ...options, signal: controller.signal }), (event) => {
    if (event.type === 'stage' && event.stage === 'features') controller.abort()
  })
  await expect(stop).rejects.toThrow()
  const { events, result } = await drain(trainModel({ ...options, resume: true }))
  expect(events.some((e) => e.type === 'comparing')).toBe(false)
  expect(result.choice?.comparison?.candidates).toHaveLength(methodNames.length)
  expect(events.find((e) => e.type === 'chosen')).toMatchObject({ method: result.method })
})
