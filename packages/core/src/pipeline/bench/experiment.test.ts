import { afterEach, expect, test, vi } from 'vitest'
import { findExperiment, type Preset } from '../../experiment/index.ts'
import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { writeTinyData } from '../../testing/picture-folder.ts'
import { rename } from 'node:fs/promises'
import { planExperiment, type ExperimentRequest } from './experiment.ts'

const common = { threads: 1, workers: 1 }

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Two fabrics of ITDD, one of them without test images, and a folder for weights that has none. */
async function writeFabrics(folder: TestFolder): Promise<string> {
  vi.stubEnv('ASSAY_CACHE', folder.at('cache'))
  await writeTinyData(folder, { kinds: [0], train: 1, test: 1 })
  await rename(folder.at('data'), folder.at('itdd-cotton'))
  await writeTinyData(folder, { kinds: [1], train: 1 })
  await rename(folder.at('data'), folder.at('itdd-hemp'))
  await folder.write('itdd/README.txt', 'fabrics')
  await rename(folder.at('itdd-cotton'), folder.at('itdd/cotton_fabric'))
  await rename(folder.at('itdd-hemp'), folder.at('itdd/hemp_fabric'))
  return folder.at('itdd')
}

/** The experiment on a backbone whose weights are here. */
function onEmbedded(name: string): Preset {
  const preset = findExperiment(name)
  if (preset.kind !== 'model') throw new Error(`${name} is no model preset`)
  const { recipe } = preset
  const features = { ...recipe.features, backbone: 'efficientnet-lite0', dimension: 32 }
  return { ...preset, recipe: { ...recipe, features } }
}

const plan = (request: Omit<ExperimentRequest, 'threads' | 'workers' | 'out'>) =>
  planExperiment({ ...common, out: '/out', ...request })

test('a product that is not there, or has nothing to test, says so and the others run', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const { jobs, notRun, trial } = await plan({ preset: onEmbedded('cras-itdd-single'), data })
  expect(jobs.map((job) => job.identity.set)).toEqual(['cotton_fabric'])
  expect(notRun.get('dyed_fabric')).toBe(`there is no such product in ${data}`)
  expect(notRun.get('hemp_fabric')).toBe(`it has no labelled test images in ${data}`)
  expect(trial).toBeNull()
})

test('one model for fewer products than published is a trial, and says it', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const { jobs, trial } = await plan({ preset: onEmbedded('cras-itdd-multi'), data })
  expect(trial).toBe('one model for 1 products instead of 4')
  expect(jobs[0]).toMatchObject({ kind: 'model', products: ['cotton_fabric'], keepModel: true })
})

test.each([
  [{ steps: 3 }, '3 optimiser steps instead of 640 epochs'],
  [{ epochs: 2 }, '2 epochs instead of 640'],
  [{ epochs: 640 }, null],
])('a shortened training is a trial with runs of its own: %j', async (given, words) => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const preset = onEmbedded('cras-itdd-single')
  const [whole, shorter] = await Promise.all([plan({ preset, data }), plan({ preset, data, ...given })])
  expect(shorter.trial).toBe(words)
  const recipeOf = (of: typeof whole) => of.jobs[0]?.identity.recipe
  expect(recipeOf(shorter) === recipeOf(whole)).toBe(words === null)
})

test('without the weights nothing runs, and every product says how to get them', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const { jobs, notRun } = await plan({ preset: findExperiment('cras-itdd-multi'), data })
  expect(jobs).toEqual([])
  expect(notRun.get('cotton_fabric')).toContain('The weights "wide-resnet50-2" are not on this machine.')
  expect(notRun.get('cotton_fabric')).toContain('assay weights fetch wide-resnet50-2')
  expect(notRun.get('dyed_fabric')).toContain('there is no such product')
})

test('a product that was not asked for says so; one that the paper does not have is an error', async () => {
  await using folder = await createTestFolder()
  const data = await writeFabrics(folder)
  const preset = onEmbedded('cras-itdd-single')
  const { notRun } = await plan({ preset, data, products: ['cotton_fabric'] })
  expect(notRun.get('hemp_fabric')).toBe('it was not asked for')
  await expect(plan({ preset, data, products: ['coton_fabric'] })).rejects.toMatchObject({
    code: 'PRODUCT_UNKNOWN',
  })
})
