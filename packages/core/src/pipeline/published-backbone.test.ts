/** A training on weights that do not come with the package: they are missing, and then they are there. */
import fs from 'node:fs/promises'
import type { Tensor } from '@assay/graph'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findBackbone } from '../backbone/index.ts'
import { readModelFile } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { writeTinyData } from '../testing/picture-folder.ts'
import { addWeights, type WeightsRecord } from '../weights/cache/index.ts'
import { writeSafetensors } from '../weights/index.ts'
import { trainModel } from './train.ts'
import { findWeightsCheck } from './weights.ts'

const backbone = 'resnet18'
let folder: TestFolder

beforeAll(async () => {
  folder = await createTestFolder()
  await writeTinyData(folder, { kinds: [0], train: 4, test: 0 })
  vi.stubEnv('ASSAY_CACHE', folder.at('cache'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await folder[Symbol.asyncDispose]()
})

function train() {
  const recipe = { input: { pixels: 64 * 64 }, memory: { size: 20, candidates: 200 } }
  const options = { data: folder.at('data'), out: folder.at('out/model.onnx'), recipe, threads: 1 }
  return drain(trainModel({ ...options, method: 'patchcore', backbone }))
}

/** Weights as a training starts with them. */
function drawTensors(): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const [name, shape] of findBackbone(backbone).tensors) {
    const data = new Float32Array(shape.reduce((n, d) => n * d, 1))
    const inputs = shape.slice(1).reduce((n, d) => n * d, 1)
    if (shape.length > 1) createRandom(1, 'published', name).fillNormal(data, Math.sqrt(2 / inputs))
    else if (/weight$|running_var$/.test(name)) data.fill(1)
    tensors.set(`model.${name}`, { dtype: 'float32', shape, data })
  }
  return tensors
}

async function add(): Promise<WeightsRecord> {
  const file = await folder.write('mine.safetensors', writeSafetensors(drawTensors()))
  const { result } = await drain(addWeights(backbone, file, { check: findWeightsCheck(backbone) }))
  return result
}

test('weights that are not there are said so before anything is learned, with the way to get them', async () => {
  await expect(train()).rejects.toMatchObject({
    code: 'WEIGHTS_MISSING',
    hint: expect.stringContaining(`assay weights fetch ${backbone}`),
  })
  expect(await fs.readdir(folder.at('out'))).toEqual([])
})

test('a model says that its weights are not the published ones, and which taps it took', async () => {
  const record = await add()
  const { result } = await train()
  const { card } = await readModelFile(result.model)
  expect(card.weights).toEqual({
    backbone,
    origin: record.origin,
    licence: 'BSD-3-Clause',
    sha256: record.sha256,
  })
  expect(record.origin).toContain('not the published file, but added from "mine.safetensors"')
  expect(card.recipe.features).toMatchObject({ backbone, taps: ['layer2', 'layer3'] })
})
