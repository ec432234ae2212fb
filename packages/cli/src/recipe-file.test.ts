import { defaultRecipe, mergeRecipe, parsePartialRecipe } from '@assay/contract'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { printRecipe, readRecipeFile } from './recipe-file.ts'
import { createTestFolder } from '@assay/core/testing/folder'

const read = async (text: string) => {
  await using folder = await createTestFolder()
  return await readRecipeFile(await folder.write('recipe.yaml', text))
}

test('a printed recipe is read back as the same recipe', async () => {
  const text = await printRecipe(defaultRecipe)
  expect(mergeRecipe(parsePartialRecipe(parse(text)))).toEqual(defaultRecipe)
  expect(text).toContain('taps: [stage3, stage5]')
  expect(text).toMatch(/^input:\n {2}fit: whole$/m)
})

test('a part of a recipe is enough, and so is nothing', async () => {
  expect(await read('cras:\n  steps: 50\n')).toEqual({ cras: { steps: 50 } })
  expect(await read('# only a remark\n')).toEqual({})
})

test('a mistyped key is refused with the right one', async () => {
  await expect(read('cras:\n  setps: 50\n')).rejects.toMatchObject({
    code: 'RECIPE_KEY_UNKNOWN',
    message: 'Unknown recipe key "cras.setps".',
    hint: 'Did you mean "steps"?',
  })
})

test('a key given twice is refused instead of one of them winning', async () => {
  await expect(read('seed: 1\nseed: 2\n')).rejects.toMatchObject({ code: 'RECIPE_UNREADABLE' })
})

test.each([
  ['a: [1', 'RECIPE_UNREADABLE'],
  ['just words', 'RECIPE_UNREADABLE'],
  ['- 1\n- 2', 'RECIPE_UNREADABLE'],
  ['seed: many', 'RECIPE_VALUE_INVALID'],
  ['seed: !!js/function "x"', 'RECIPE_VALUE_INVALID'],
])('%j is no recipe', async (text, code) => {
  await expect(read(text)).rejects.toMatchObject({ code, exit: 78 })
})

test('a recipe that is not there is named', async () => {
  await expect(readRecipeFile('/nowhere/recipe.yaml')).rejects.toThrow(
    'Cannot read the recipe /nowhere/recipe.yaml: there is no such file.',
  )
})
