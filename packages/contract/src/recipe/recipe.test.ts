import { expect, test } from 'vitest'
import {
  defaultRecipe,
  mergeRecipe,
  paperRecipe,
  parsePartialRecipe,
  profiles,
  robisPaperRecipe,
  robisProfiles,
  recipeSchema,
} from './index.ts'

test('a mistyped key is refused with the right one, also inside a section', () => {
  expect(() => parsePartialRecipe({ profil: 'fast' })).toThrow('Unknown recipe key "profil".')
  expect(() => parsePartialRecipe({ cras: { stepps: 5 } })).toThrowError(
    expect.objectContaining({ code: 'RECIPE_KEY_UNKNOWN', hint: 'Did you mean "steps"?' }),
  )
})

test('a value that does not fit is refused with the key, never replaced by a default', () => {
  expect(() => parsePartialRecipe({ cras: { steps: '300' } })).toThrowError(
    expect.objectContaining({
      code: 'RECIPE_VALUE_INVALID',
      params: expect.objectContaining({ key: 'cras.steps' }),
    }),
  )
  expect(() => parsePartialRecipe([1])).toThrowError(
    expect.objectContaining({ code: 'RECIPE_VALUE_INVALID' }),
  )
  expect(() => parsePartialRecipe({ input: { scales: [0.5, 1] } })).toThrow('the first scale is 1')
})

test('an empty recipe file changes nothing', () => {
  expect(mergeRecipe(parsePartialRecipe(null))).toEqual(defaultRecipe)
  expect(mergeRecipe(parsePartialRecipe({}))).toEqual(defaultRecipe)
})

test('later layers win key by key, and lists are replaced whole', () => {
  const merged = mergeRecipe(
    { seed: 3, cras: { steps: 10, headInputs: ['residual', 'residual'] } },
    parsePartialRecipe({ cras: { steps: 20, headInputs: ['residual'] } }),
  )
  expect([merged.seed, merged.cras.steps, merged.cras.headInputs]).toEqual([3, 20, ['residual']])
  expect(merged.cras.batch).toBe(defaultRecipe.cras.batch)
})

test('merging does not change the defaults', () => {
  const before = structuredClone(defaultRecipe)
  mergeRecipe({ cras: { steps: 1 } }).features.taps.push('other')
  expect(defaultRecipe).toEqual(before)
})

test('every profile and the published setting are whole recipes', () => {
  const robis = [...Object.values(robisProfiles), robisPaperRecipe()]
  for (const layer of [...Object.values(profiles), paperRecipe(1), paperRecipe(15), ...robis])
    expect(recipeSchema.safeParse(mergeRecipe(layer)).success).toBe(true)
  expect([mergeRecipe(paperRecipe(1)).cras.epochs, mergeRecipe(paperRecipe(2)).cras.batch]).toEqual([640, 32])
})
