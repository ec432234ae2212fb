import { expect, test } from 'vitest'
import { createTestFolder } from '../testing/folder.ts'
import { writeTinyData } from '../testing/picture-folder.ts'
import { readDataset } from '../dataset/index.ts'
import { chooseMethod } from './choose-method.ts'

test('a method that was asked for is taken, auto gives one with its reason', async () => {
  await using folder = await createTestFolder()
  await writeTinyData(folder, { kinds: [0], train: 1 })
  const dataset = await readDataset(folder.at('data'))
  expect(chooseMethod('patchcore', dataset)).toEqual({ method: 'patchcore', reason: 'asked for' })
  const auto = chooseMethod('auto', dataset)
  expect(auto.method).toBe('cras')
  expect(auto.reason).toContain('one product')
  const several = chooseMethod('auto', { ...dataset, products: [...dataset.products, ...dataset.products] })
  expect(several.reason).toContain('several products')
})
