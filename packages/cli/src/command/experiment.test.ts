import { mkdir } from 'node:fs/promises'
import * as core from '@assay/core'
import { createRow, JobFault } from '@assay/core'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { afterEach, expect, test, vi } from 'vitest'
import type { RunOne } from '../bench/run-all.ts'
import type { Core } from '../core.ts'
import { drawPart } from '../testing/fake-core.ts'
import { createTestHost, runCommandLine } from '../testing/host.ts'
import { runExperiment } from './experiment.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** The library with one experiment on a backbone whose weights are here. */
const small: Core = {
  ...core,
  findExperiment: (name) => {
    const preset = core.findExperiment(name)
    if (preset.kind !== 'model') return preset
    const { recipe } = preset
    const features = { ...recipe.features, backbone: 'efficientnet-lite0', dimension: 32 }
    return { ...preset, recipe: { ...recipe, features } }
  },
}

/** Three of the four fabrics. */
async function writeFabrics(folder: TestFolder): Promise<string> {
  for (const product of ['cotton_fabric', 'dyed_fabric', 'hemp_fabric'])
    for (const place of ['train/good', 'test/good', 'test/hole'])
      await folder.write(`itdd/${product}/${place}/0.png`, await drawPart(20, 30))
  return folder.at('itdd')
}

const measured: RunOne = (_, { job }) => {
  const { seed, ...names } = job.identity
  const products = job.kind === 'model' ? (job.products ?? []) : []
  return Promise.resolve(
    products.map((product) => ({
      ...createRow({ ...names, product, device: 'cpu', machine: 'm', assay: '0', page: '' }),
      seed,
      products: products.length,
      imageAuroc: 0.987,
      pixelAuroc: 0.9,
      trainSeconds: 75,
    })),
  )
}

async function experiment(
  folder: TestFolder,
  name: string,
  flags: Record<string, string | boolean | string[]>,
  runOne = measured,
) {
  const host = createTestHost([], { core: small })
  const code = await runExperiment([name], { out: folder.at('out'), ...flags }, host, runOne)
  return { code, ...host.printed }
}

test('the list has every experiment with what it is', async () => {
  const { out, code } = await runCommandLine(['experiment', 'list'], { core })
  expect(code).toBe(0)
  expect(out.trim().split('\n')).toHaveLength(core.experiments.length + 1)
  expect(out).toMatch(
    /^cras-mvtec-multi +CRAS, one model for all products, MVTec AD +15 +arXiv 2505\.17551$/m,
  )
})

test('a mistyped experiment is refused with the right one, and one without data says what it needs', async () => {
  const wrong = await runCommandLine(['experiment', 'cras-mvtec-mutli'], { core })
  expect(wrong.err).toContain('perhaps "cras-mvtec-multi" was meant')
  const bare = await runCommandLine(['experiment', 'cras-visa-multi'], { core })
  expect(bare.err).toContain('VisA is needed: give its folder with --data')
  const both = await runCommandLine(['experiment', 'list', '--steps', '1', '--epochs', '2'], { core })
  expect(both.err).toContain('Give --epochs or --steps, not both')
})

test('ours stand beside the figures of the paper, and what did not run says why', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const fails: RunOne = (all, order, options) =>
    order.job.identity.set === 'dyed_fabric'
      ? Promise.reject(new JobFault({ code: 'RUN_FAILED', message: 'Out of memory.', hint: 'Less.' }))
      : measured(all, order, options)
  const { code, out } = await experiment(folder, 'cras-itdd-single', { data }, fails)
  expect(code).toBe(65)
  expect(out).toMatch(/^cotton_fabric +98\.7 +– +90\.0 +– +1 min 15 s$/m)
  expect(out).toMatch(/^dyed_fabric +not run +– +not run +–$/m)
  expect(out).toMatch(/^mean of 2 of 4 +98\.7 +99\.6 +90\.0 +98\.0$/m)
  expect(out).toContain('not run, dyed_fabric: Out of memory. Less.')
  expect(out).toContain(`not run, plaid_fabric: there is no such product in ${data}`)
  expect(out).toContain('paper: README of github.com/cqylunlun/CRAS')
  expect(out).not.toContain('TRIAL')
})

test('a trial says so before its figures', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const { out } = await experiment(folder, 'cras-itdd-multi', { data, steps: '3' })
  expect(out).toContain(
    'TRIAL, not the published experiment: 3 optimiser steps instead of 100 epochs; one model',
  )
  expect(out.indexOf('TRIAL')).toBeLessThan(out.indexOf('98.7'))
})

test('what was begun goes on with --resume only, and runs nothing twice', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  await experiment(folder, 'cras-itdd-single', { data, product: ['cotton_fabric'] })
  await expect(experiment(folder, 'cras-itdd-single', { data })).rejects.toThrow('go on with --resume')
  const ran: string[] = []
  const noting: RunOne = (all, order, options) => {
    ran.push(order.job.identity.set)
    return measured(all, order, options)
  }
  const { out } = await experiment(folder, 'cras-itdd-single', { data, resume: true }, noting)
  expect(ran).toEqual(['dyed_fabric', 'hemp_fabric'])
  expect(out).toMatch(/^mean of 3 of 4/m)
})

test('without the weights every product is there as not run, with the way to get them', async () => {
  await using folder = await createTestFolder()
  vi.stubEnv('ASSAY_CACHE', folder.at('cache'))
  const objects = ['can', 'rice']
  for (const object of objects)
    for (const place of ['train/good', 'test_public/good', 'test_public/bad'])
      await folder.write(`ad2/${object}/${place}/000_regular.png`, await drawPart(20, 30))
  await mkdir(folder.at('out'))
  const { code, out } = await experiment(folder, 'robis-mvtec-ad-2', { data: folder.at('ad2') })
  expect(code).toBe(65)
  expect(out).toContain('assay weights fetch dinov2reg-vit-b14')
  expect(out).toMatch(/^can +not run +30\.28 +not run +60\.93 +not run +1\.86$/m)
  expect(out).toMatch(/^mean +not run +– +not run +– +not run +46\.9$/m)
  expect(out).toContain('only the benchmark server knows the truth')
})

test('machines get lines with ours as shares and the paper as printed', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const { out } = await experiment(folder, 'cras-itdd-multi', { data, json: true, quiet: true })
  const document = JSON.parse(out) as { lines: unknown[] }
  expect(document).toMatchObject({
    experiment: { name: 'cras-itdd-multi', paper: 'arXiv 2505.17551' },
    trial: 'one model for 3 products instead of 4',
  })
  expect(document.lines[0]).toEqual({
    split: null,
    product: 'cotton_fabric',
    ours: { imageAuroc: 0.987, pixelAuroc: 0.9 },
    paper: null,
    notRun: null,
    of: null,
  })
})
