import { defaultRecipe, paperRecipe, profiles, robisPaperRecipe, robisProfiles } from '@assay/contract'
import { expect, test } from 'vitest'
import { resolveRecipe } from './recipe.ts'

test('without options it is the built-in recipe', () => {
  expect(resolveRecipe({}, 1)).toEqual(defaultRecipe)
})

test('flags win over the recipe file, the file over the profile, the profile over the defaults', () => {
  const file = { seed: 5, memory: { size: 77 }, cras: { steps: 9 } }
  const resolved = resolveRecipe({ profile: 'fast', recipe: file, seed: 8, method: 'patchcore' }, 1)
  expect(resolved).toMatchObject({
    profile: 'fast',
    seed: 8,
    method: 'patchcore',
    memory: { size: 77, candidates: profiles.fast.memory?.candidates },
    cras: { steps: 9, headInputs: profiles.fast.cras?.headInputs, layers: defaultRecipe.cras.layers },
  })
})

test('a profile that the file names is applied below the file, unless a flag names another', () => {
  const recipe = { profile: 'fast', memory: { size: 77 } } as const
  expect(resolveRecipe({ recipe }, 1)).toMatchObject({ profile: 'fast', input: profiles.fast.input ?? {} })
  expect(resolveRecipe({ recipe, profile: 'accurate' }, 1)).toMatchObject({
    profile: 'accurate',
    memory: { size: 77 },
    input: profiles.accurate.input ?? {},
  })
})

test('paper mode takes the published settings in place of a profile, for one product or several', () => {
  for (const products of [1, 2]) {
    const resolved = resolveRecipe({ mode: 'paper', profile: 'fast' }, products)
    expect(resolved).toMatchObject(paperRecipe(products))
  }
  expect(resolveRecipe({ recipe: { mode: 'paper' } }, 1)).toMatchObject(paperRecipe(1))
  expect(resolveRecipe({ recipe: { mode: 'paper' }, mode: 'assay' }, 1).features.pooling).toBe('mean')
})

test('another backbone keeps the other features', () => {
  const { features } = resolveRecipe(
    { backbone: 'efficientnet-lite0', recipe: { features: { dimension: 64 } } },
    1,
  )
  expect(features).toEqual({ ...defaultRecipe.features, backbone: 'efficientnet-lite0', dimension: 64 })
})

test('another backbone brings its own taps, unless the recipe file says taps', () => {
  for (const mode of ['assay', 'paper'] as const) {
    const features = resolveRecipe({ backbone: 'wide-resnet50-2', mode }, 1).features
    expect(features).toMatchObject({ backbone: 'wide-resnet50-2', taps: ['layer2', 'layer3'] })
  }
  const recipe = { features: { backbone: 'resnet18', taps: ['layer1'] } }
  expect(resolveRecipe({ recipe }, 1).features.taps).toEqual(['layer1'])
  const taken = { features: { backbone: 'resnet18' } }
  expect(resolveRecipe({ recipe: taken, backbone: 'efficientnet-lite0' }, 1).features.taps).toEqual([
    'stage3',
    'stage5',
  ])
})

test('robis takes the token taps of its backbone, and what its profile says', () => {
  const { features, inpFormer, input } = resolveRecipe({ method: 'robis', profile: 'fast' }, 1)
  expect(features).toMatchObject(robisProfiles.fast.features ?? {})
  expect(features.taps).toEqual([4, 5].flatMap((s) => [1, 2, 3].map((b) => `stage${s}.${b}.expand`)))
  expect(inpFormer).toMatchObject(robisProfiles.fast.inpFormer ?? {})
  expect(input).toMatchObject(profiles.fast.input ?? {})
  const recipe = { method: 'robis' } as const
  expect(resolveRecipe({ recipe, profile: 'fast' }, 1)).toEqual(
    resolveRecipe({ method: 'robis', profile: 'fast' }, 1),
  )
})

test('robis as published reconstructs eight blocks of DINOv2 with registers, in windows', () => {
  const resolved = resolveRecipe({ method: 'robis', mode: 'paper' }, 1)
  expect(resolved).toMatchObject(robisPaperRecipe())
  expect(resolved.features.taps).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((b) => `block${b}`))
  const large = resolveRecipe({ method: 'robis', mode: 'paper', backbone: 'dinov2reg-vit-l14' }, 1)
  expect(large.features.taps).toEqual([4, 6, 8, 10, 12, 14, 16, 18].map((b) => `block${b}`))
})

test('weights of taps hold only where there is one for each tap, or where the file says them', () => {
  const weights = (features: object): readonly number[] =>
    resolveRecipe({ recipe: { features } }, 1).features.tapWeights
  expect(weights({ taps: ['stage2', 'stage3', 'stage5'] })).toEqual([])
  expect(weights({ taps: ['stage2', 'stage5'] })).toEqual(defaultRecipe.features.tapWeights)
  expect(weights({ taps: ['stage5'], tapWeights: [2] })).toEqual([2])
})

test('the sides become multiples of what the backbone takes, at the same number of pixels', () => {
  const { input } = resolveRecipe({ backbone: 'dinov2-vit-s14' }, 1)
  expect(input).toEqual({ ...defaultRecipe.input, multipleOf: 14 })
  expect(
    resolveRecipe({ backbone: 'dinov2-vit-s14', recipe: { input: { multipleOf: 56 } } }, 1).input,
  ).toEqual({ ...defaultRecipe.input, multipleOf: 56 })
})

test('an unknown backbone is answered with the nearest, an unknown tap with those that there are', () => {
  expect(() => resolveRecipe({ backbone: 'eficientnet-lite0' }, 1)).toThrowError(
    expect.objectContaining({
      code: 'BACKBONE_UNKNOWN',
      params: expect.objectContaining({ suggestion: 'efficientnet-lite0' }),
    }),
  )
  const taps = ['stage3', 'layer2']
  expect(() => resolveRecipe({ recipe: { features: { taps } } }, 1)).toThrowError(
    expect.objectContaining({
      code: 'TAP_UNKNOWN',
      params: expect.objectContaining({ tap: 'layer2', taps: expect.arrayContaining(['stage3', 'stage5']) }),
    }),
  )
})

test.each([
  ['features.neighbourhood', { features: { neighbourhood: 4 } }],
  ['features.dimension', { features: { pooling: 'adaptive', dimension: 33 } }],
  ['features.dimension', { features: { pooling: 'adaptive', dimension: 0 } }],
  ['cras.patchesPerImage', { cras: { patchesPerImage: 0 } }],
  ['features.pooling', { method: 'robis', features: { pooling: 'mean' } }],
  ['features.groups', { method: 'robis', features: { groups: 4 } }],
  ['features.dimension', { method: 'robis', features: { dimension: 0 } }],
  ['inpFormer.headWidth', { method: 'robis', inpFormer: { headWidth: 100 } }],
  ['inpFormer.blocks', { method: 'robis', inpFormer: { blocks: 3 } }],
] as const)('values of %s that cannot go with the others are refused by their key', (key, recipe) => {
  expect(() => resolveRecipe({ recipe }, 1)).toThrowError(
    expect.objectContaining({ code: 'RECIPE_VALUE_INVALID', params: expect.objectContaining({ key }) }),
  )
})

test('a layer never changes the defaults themselves', () => {
  const before = structuredClone(defaultRecipe)
  resolveRecipe({ profile: 'fast', seed: 3, recipe: { features: { taps: ['stage4'] } } }, 2)
  expect(defaultRecipe).toEqual(before)
})

test('input sides that the backbone cannot take are refused by their key', () => {
  const refusal = (key: string): unknown =>
    expect.objectContaining({ code: 'RECIPE_VALUE_INVALID', message: expect.stringContaining(key) })
  expect(() => resolveRecipe({ recipe: { input: { multipleOf: 16 } } }, 1)).toThrowError(
    refusal('input.multipleOf'),
  )
  expect(() => resolveRecipe({ mode: 'paper', recipe: { input: { crop: 300 } } }, 1)).toThrowError(
    refusal('input.crop'),
  )
})

test('what the thresholds aim at is set by options, above the recipe file, and a band lies below the threshold', () => {
  const recipe = { calibration: { falseAlarms: 0.2, falseMasks: 0.3 } }
  const { calibration } = resolveRecipe({ recipe, falseAlarms: 0.01, unsure: 0.1, confidence: 0.9 }, 1)
  expect(calibration).toMatchObject({ falseAlarms: 0.01, falseMasks: 0.3, unsure: 0.1, confidence: 0.9 })
  expect(() => resolveRecipe({ falseAlarms: 0.1, unsure: 0.1 }, 1)).toThrow(
    'The recipe key "calibration.unsure" does not fit: it is more often than falseAlarms, 1 in 10, or null.',
  )
})
