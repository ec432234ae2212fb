import { readdir, writeFile } from 'node:fs/promises'
import { defaultRecipe } from '@assay/contract'
import { planModelJob, type ModelJob, type TrainOptions } from '@assay/core'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { createFakeCore, drawPart, fakeEvaluateModel } from '../testing/fake-core.ts'
import { runJob } from './run-job.ts'

const options = {
  onProgress: () => undefined,
  onWarning: () => undefined,
  signal: new AbortController().signal,
}

/** A library that trains in no time and notes with what. */
function createTrainer(evaluateModel: Core['evaluateModel'] = fakeEvaluateModel) {
  const trainings: TrainOptions[] = []
  const core = createFakeCore({
    evaluateModel,
    trainModel: async function* (given) {
      trainings.push(given)
      yield { type: 'stage', stage: 'write', done: 0, total: 1 }
      await writeFile(given.out, 'model')
      return {
        model: given.out,
        method: 'cras',
        backbone: 'b',
        steps: 300,
        seconds: 86_400,
        threshold: 1,
        products: [],
        recipe: defaultRecipe,
        parity: [],
      }
    },
  })
  return { core, trainings }
}

async function writeJob(folder: TestFolder, more: Partial<ModelJob> = {}): Promise<ModelJob> {
  for (const place of ['train/good', 'test/good', 'test/spot'])
    await folder.write(`cap/${place}/0.png`, await drawPart(20, 30))
  const job = planModelJob({
    set: 'cap',
    data: folder.at('cap'),
    products: null,
    training: { method: 'cras' },
    threads: 1,
    workers: 1,
    keepModel: true,
    resume: false,
  })
  return { ...job, ...more }
}

const failingEvaluation: Core['evaluateModel'] = () => {
  throw new Error('the lights went out')
}

test('a training whose evaluation was interrupted is taken up, with what it took', async () => {
  await using folder = await createTestFolder()
  const job = await writeJob(folder)
  const first = createTrainer(failingEvaluation)
  await expect(runJob(first.core, job, folder.path, options)).rejects.toThrow('the lights went out')
  const second = createTrainer()
  const [row] = await runJob(second.core, { ...job, resume: true }, folder.path, options)
  expect(second.trainings).toEqual([])
  expect(row).toMatchObject({ steps: 300, trainSeconds: 86_400 })
  expect(await readdir(folder.at(job.folder))).toContain('model.onnx')
})

test('without a resume it trains anew, and an interrupted training goes on only when asked', async () => {
  await using folder = await createTestFolder()
  const job = await writeJob(folder)
  const { core, trainings } = createTrainer()
  await runJob(core, job, folder.path, options)
  await runJob(core, job, folder.path, options)
  expect(trainings.map((t) => t.resume)).toEqual([false, false])
  await using other = await createTestFolder()
  const begun = await writeJob(other, { resume: true })
  await other.write(`${begun.folder}/model.onnx.work/plan.json`, '{}')
  await runJob(core, begun, other.path, options)
  expect(trainings.at(-1)?.resume).toBe(true)
})

test('a bench keeps no model', async () => {
  await using folder = await createTestFolder()
  const job = await writeJob(folder, { keepModel: false })
  await runJob(createTrainer().core, job, folder.path, options)
  const names = await readdir(folder.at(job.folder))
  expect(names).toContain('index.html')
  expect(names).not.toContain('model.onnx')
})
