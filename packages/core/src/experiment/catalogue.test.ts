import { expect, test } from 'vitest'
import { mvtecAd2 } from '../dataset/published/catalogue.ts'
import { resolveRecipe } from '../pipeline/recipe.ts'
import { experiments, findExperiment } from './catalogue.ts'
import type { ModelPreset, Preset } from './preset.ts'

const byName = (name: string): Preset => findExperiment(name)

function modelPreset(name: string): ModelPreset {
  const preset = findExperiment(name)
  if (preset.kind !== 'model') throw new Error(`${name} is no model preset`)
  return preset
}

test('every published setting has an experiment, each name once', () => {
  const names = experiments.map((e) => e.name)
  for (const set of ['mvtec', 'visa', 'mpdd', 'itdd'])
    for (const setting of ['multi', 'single']) expect(names).toContain(`cras-${set}-${setting}`)
  expect(names).toContain('robis-mvtec-ad-2')
  for (const setting of ['multi', 'single']) expect(names).toContain(`inp-former-mvtec-${setting}`)
  expect(new Set(names).size).toBe(names.length)
})

test('a mistyped name is an error that suggests the right one', () => {
  expect(() => findExperiment('cras-mvtec-mutli')).toThrow('perhaps "cras-mvtec-multi" was meant')
  expect(() => findExperiment('xyz')).toThrow('"assay experiment list" shows them')
})

test.each([
  ['cras-mvtec-multi', 'MVTec AD', 15],
  ['cras-visa-multi', 'VisA', 12],
  ['cras-mpdd-single', 'MPDD', 6],
  ['cras-itdd-single', 'ITDD', 4],
  ['robis-mvtec-ad-2', 'MVTec AD 2', 8],
  ['inp-former-mvtec-single', 'MVTec AD', 15],
])('%s is on all products of %s', (name, dataset, products) => {
  expect(byName(name).dataset).toBe(dataset)
  expect(byName(name).products).toHaveLength(products)
})

test('the lines of RoBiS are called as the products of its data set', () => {
  expect(byName('robis-mvtec-ad-2').products).toEqual([...mvtecAd2.products.keys()])
})

test.each([
  ['cras-mvtec-single', 640, 8],
  ['cras-itdd-multi', 100, 32],
])('%s has the epochs and the batch of the script of its authors', (name, epochs, batch) => {
  const { recipe, setting } = modelPreset(name)
  // One product of a trial keeps the settings of the whole.
  for (const products of setting === 'multi' ? [1, 6] : [1]) {
    const { mode, cras, input, features, seed } = resolveRecipe({ recipe }, products)
    expect({ mode, epochs: cras.epochs, batch: cras.batch, steps: cras.steps, seed }).toEqual({
      mode: 'paper',
      epochs,
      batch,
      steps: 0,
      seed: 0,
    })
    expect([input.fit, input.resize, input.crop]).toEqual(['short-side-crop', 329, 288])
    expect([features.backbone, features.taps, features.dimension]).toEqual([
      'wide-resnet50-2',
      ['layer2', 'layer3'],
      1536,
    ])
  }
})

test('INP-Former has the published size, encoder and schedule', () => {
  const { recipe } = modelPreset('inp-former-visa-single')
  const { method, mode, input, features, inpFormer, seed } = resolveRecipe({ recipe }, 1)
  expect([method, mode, seed]).toEqual(['robis', 'paper', 1])
  expect([input.fit, input.resize, input.crop]).toEqual(['short-side-crop', 448, 392])
  expect(features.backbone).toBe('dinov2reg-vit-b14')
  expect(features.taps).toHaveLength(8)
  expect([inpFormer.epochs, inpFormer.batch, inpFormer.prototypes, inpFormer.exponent]).toEqual([
    200, 16, 6, 3,
  ])
})

test('the printed means of RoBiS are those of its lines, so no digit was copied wrongly', () => {
  const { published } = byName('robis-mvtec-ad-2')
  for (const split of ['test_private', 'test_private_mixed'])
    for (const metric of ['aupro05', 'classF1', 'segF1'] as const) {
      const own = published.filter((line) => line.split === split && line.product !== null)
      const mean = own.reduce((sum, line) => sum + (line.figures[metric] ?? NaN), 0) / own.length
      const printed = published.find((line) => line.split === split && line.product === null)
      expect(own).toHaveLength(8)
      expect(Math.abs(mean - (printed?.figures[metric] ?? NaN))).toBeLessThan(0.0051)
    }
})

test('every experiment says where its figures are from and what is different here', () => {
  for (const { published, source, differences, metrics } of experiments) {
    expect(published.length).toBeGreaterThan(0)
    expect(source).toContain('github.com')
    expect(differences.length).toBeGreaterThan(0)
    for (const { figures } of published)
      for (const [metric, figure] of Object.entries(figures)) {
        expect(metrics).toContain(metric)
        expect(figure).toBeGreaterThan(0)
        expect(figure).toBeLessThanOrEqual(100)
      }
  }
})
