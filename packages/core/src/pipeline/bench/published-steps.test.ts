import { expect, test } from 'vitest'
import { drain } from '../../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { createStepTree } from '../step/testing/tree.ts'
import type { StepsJob } from './job.ts'
import { runPublishedSteps, type StepParts } from './published-steps.ts'

const identity = {
  set: 'can',
  method: 'robis',
  profile: 'published steps',
  backbone: 'step-test',
  recipe: 'abc',
  seed: 1,
}

async function createJob(folder: TestFolder): Promise<{ job: StepsJob; parts: StepParts }> {
  const { settings, encoders } = await createStepTree(folder, ['can'])
  const job: StepsJob = {
    kind: 'steps',
    identity,
    folder: 'run/can',
    settings: { ...settings, mvtecad2_class_list: ['can'] },
    splits: ['test_public', 'test_private'],
    steps: 2,
    seed: 1,
    threads: 1,
    workers: 1,
  }
  // Answers every box with the whole picture.
  const open: StepParts['open'] = () =>
    Promise.resolve({
      encode: ({ width, height }) =>
        Promise.resolve({
          width,
          height,
          async *segment(prompts) {
            for (const prompt of prompts.keys())
              yield { prompt, predictedIou: 1, mask: new Uint8Array(width * height).fill(255) }
          },
        }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  return { job, parts: { encoders, open } }
}

const { signal } = new AbortController()

test('one object goes all the way, and its row has the figures of the public split', async () => {
  await using folder = await createTestFolder()
  const { job, parts } = await createJob(folder)
  const { result, events } = await drain(runPublishedSteps(job, signal, parts))
  expect(result).toMatchObject({ set: 'can', product: 'can', products: 1, imageAuroc: null, seed: 1 })
  for (const metric of ['aupro05', 'pixelAuroc'] as const) {
    expect(result[metric]).toBeGreaterThanOrEqual(0)
    expect(result[metric]).toBeLessThanOrEqual(1)
  }
  expect(result.trainSeconds).toBeGreaterThan(0)
  expect(events.some((e) => e.type === 'step')).toBe(true)
})

test('a picture that cannot be read fails the run, for the figures would be of fewer', async () => {
  await using folder = await createTestFolder()
  const { job, parts } = await createJob(folder)
  await folder.write('data/can/test_public/bad/001_regular.png', 'no picture')
  await expect(drain(runPublishedSteps(job, signal, parts))).rejects.toThrow('001_regular.png')
})
