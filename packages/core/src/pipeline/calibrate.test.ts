import type { PartialRecipe } from '@assay/contract'
import { expect, test } from 'vitest'
import { calibrate } from '../calibrate/threshold.ts'
import { readDataset } from '../dataset/index.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { writeTinyData } from '../testing/picture-folder.ts'
import { openModel } from './inspect.ts'
import { trainModel, type TrainOptions, type TrainResult } from './train.ts'
import { planTrainingSet } from './training-set.ts'

const recipe: PartialRecipe = {
  input: { pixels: 64 * 64, resize: 72, crop: 64 },
  features: { backbone: 'efficientnet-lite0' },
  memory: { size: 40, candidates: 500 },
  calibration: { holdOut: 0.5, falseAlarms: 0.25, falseMasks: 0.4 },
}

interface Judged {
  readonly result: TrainResult
  /** Of the held-out pictures, by the finished model. */
  readonly scores: readonly number[]
  /** Largest values of their maps, at the size of the model input. */
  readonly peaks: readonly number[]
  /** Files learned from. */
  readonly training: readonly string[]
}

async function judge(folder: TestFolder, more: Partial<TrainOptions>): Promise<Judged> {
  // At the size of the input, so that the map of the picture is the map of the model.
  await writeTinyData(folder, { kinds: [0], train: 12, width: 64, height: 64 })
  const out = folder.at('model.onnx')
  const { result } = await drain(trainModel({ data: folder.at('data'), out, threads: 1, recipe, ...more }))
  const dataset = await readDataset(folder.at('data'))
  const { result: plans } = await drain(planTrainingSet(dataset, result.recipe))
  await using model = await openModel(out, { threads: 1 })
  const scores: number[] = []
  const peaks: number[] = []
  for (const file of plans[0]?.heldOut ?? []) {
    const { record, map } = await model.inspect(file)
    scores.push(record.score ?? NaN)
    peaks.push(Math.max(...map))
  }
  return { result, scores, peaks, training: plans[0]?.training ?? [] }
}

test('without a memory of patches the thresholds are those of the held-out pictures alone', async () => {
  await using folder = await createTestFolder()
  const paper: PartialRecipe = {
    ...recipe,
    input: { ...recipe.input, resize: 64 },
    features: { ...recipe.features, dimension: 32 },
    cras: { epochs: 1, batch: 4 },
  }
  const { result, scores, peaks } = await judge(folder, { method: 'cras', mode: 'paper', recipe: paper })
  expect(scores).toHaveLength(6)
  const [product] = result.products
  expect(product?.threshold).toBeCloseTo(calibrate(scores, 0.25).threshold, 5)
  expect(product?.pixelThreshold).toBeCloseTo(calibrate(peaks, 0.4).threshold, 5)
  expect(product?.heldOutAbove).toBe(scores.filter((s) => s > (product?.threshold ?? NaN)).length)
})

test('training pictures judged without their own patches count like held-out ones', async () => {
  await using folder = await createTestFolder()
  // The memory holds every patch, so a picture judged with its own would score 0.
  const memory = { size: 500, candidates: 500, neighbours: 1 }
  const { result, scores, training } = await judge(folder, {
    method: 'patchcore',
    recipe: { ...recipe, memory },
  })
  const [product] = result.products
  const high = Math.max(...scores)
  expect(product?.threshold).toBeGreaterThan(Math.min(...scores))
  // Pictures of one kind: left out or held out, they score alike.
  expect(product?.threshold).toBeLessThan(1.2 * high)
  await using model = await openModel(folder.at('model.onnx'), { threads: 1 })
  const own = await model.inspect(training[0] ?? '')
  expect(own.record.score ?? NaN).toBeLessThan(0.1 * high)
})
