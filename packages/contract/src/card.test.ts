import { expect, test } from 'vitest'
import { cardSchema } from './card.ts'
import { defaultRecipe } from './recipe/index.ts'

const product = {
  name: 'cap',
  height: 64,
  width: 96,
  trainingImages: 18,
  heldOutImages: 2,
  image: { threshold: 1, scale: 0.5 },
  pixel: { threshold: 2, scale: 0.5 },
  falseAlarms: 0.05,
  heldOutAbove: 0,
}
const card = {
  version: 1,
  assay: '0.1.0',
  method: 'patchcore',
  recipe: { ...defaultRecipe, method: 'patchcore' },
  sees: 'good',
  weights: { backbone: 'b', origin: 'o', licence: 'l', sha256: 's' },
  data: { images: 20, sha256: 's' },
  products: [product],
  view: null,
  samples: [],
  tools: {},
}

test('a file from before windows and binarisers is read as what it did then', () => {
  const { mask: _, input, ...recipe } = defaultRecipe
  const { window: __, overlap: ___, edge: ____, trainingWindows: _____, ...older } = input
  const read = cardSchema.parse({ ...card, recipe: { ...recipe, input: { ...older, pixels: 10_000 } } })
  expect(read.recipe).toEqual({
    ...defaultRecipe,
    input: { ...input, pixels: 10_000 },
    mask: { ...defaultRecipe.mask, binarisers: ['threshold'] },
  })
  expect(read.products[0]).toMatchObject({ window: null, mask: [null] })
})

test('a recipe that is none, or has a key of nobody, is refused', () => {
  for (const recipe of [null, 3, [], { ...defaultRecipe, mehtod: 1 }, { ...defaultRecipe, input: 7 }])
    expect(cardSchema.safeParse({ ...card, recipe }).success).toBe(false)
})
