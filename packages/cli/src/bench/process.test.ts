import { readdir, readFile } from 'node:fs/promises'
import { parseBench } from '@assay/contract'
import * as core from '@assay/core'
import type { BenchJob, JobProgress } from '@assay/core'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import { drawPart } from '../testing/fake-core.ts'
import { runInProcess } from './process.ts'

async function planRun(folder: TestFolder, set: string): Promise<BenchJob> {
  const recipe = {
    input: { pixels: 64 * 64 },
    memory: { size: 20, candidates: 100 },
    features: { backbone: 'efficientnet-lite0', taps: ['stage3'], tapWeights: [] },
  }
  const file = { sets: { [set]: set }, methods: ['patchcore'], profiles: ['fast'], recipe }
  const [job] = core.planBench(parseBench(file, 'b.yaml'), folder.path, { threads: 1, workers: 1 })
  if (job === undefined) throw new Error('no job was planned')
  return job
}

function listen() {
  const progress: JobProgress[] = []
  const controller = new AbortController()
  const options = {
    onProgress: (update: JobProgress) => void progress.push(update),
    onWarning: () => undefined,
    signal: controller.signal,
  }
  return { progress, controller, options }
}

async function writeCaps(folder: TestFolder): Promise<void> {
  for (const i of [0, 1, 2, 3]) await folder.write(`caps/train/good/${i}.png`, await drawPart(20, 30 + i))
  await folder.write('caps/test/good/0.png', await drawPart(20, 31))
  await folder.write('caps/test/spot/0.png', await drawPart(20, 250))
}

test('a run trains, measures and leaves its page, all in a process of its own', async () => {
  await using folder = await createTestFolder()
  await writeCaps(folder)
  const job = await planRun(folder, 'caps')
  const { progress, options } = listen()
  const [row, ...others] = await runInProcess(core, { job, out: folder.at('out') }, options)
  expect(others).toEqual([])
  expect(row).toMatchObject({
    set: 'caps',
    product: 'caps',
    method: 'patchcore',
    products: 1,
    seed: 0,
    threads: 1,
  })
  expect(row?.imageAuroc).toBe(1)
  expect(row?.trainSeconds).toBeGreaterThan(0)
  // Its own peak: what this process of many tests has had does not count.
  expect(row?.trainPeakMb).toBeGreaterThan(50)
  expect(row?.peakMb).toBeGreaterThanOrEqual(row?.trainPeakMb ?? Infinity)
  expect(progress.some((p) => p.label === 'inspecting')).toBe(true)
  const page = await readFile(folder.at('out', row?.page ?? ''), 'utf8')
  expect(page).toContain('PR of images')
  expect(await readdir(folder.at('out', job.folder))).not.toContain('model.onnx')
})

test('a run that cannot start says why, as the error that it is', async () => {
  await using folder = await createTestFolder()
  const job = await planRun(folder, 'nowhere')
  const run = runInProcess(core, { job, out: folder.at('out') }, listen().options)
  await expect(run).rejects.toMatchObject({ failure: { code: 'DATA_NOT_FOUND' } })
})

test('an abort ends the process', async () => {
  await using folder = await createTestFolder()
  await writeCaps(folder)
  const { options, controller } = listen()
  const job = await planRun(folder, 'caps')
  const run = runInProcess(
    core,
    { job, out: folder.at('out') },
    { ...options, onProgress: () => controller.abort() },
  )
  await expect(run).rejects.toMatchObject({ name: 'AbortError' })
})
