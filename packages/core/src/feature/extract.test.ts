import type { Recipe } from '@assay/contract'
import { expect, test } from 'vitest'
import { normaliseImage } from '../backbone/index.ts'
import { createTestBackbone } from '../testing/backbone.ts'
import { testDevice } from '../testing/device.ts'
import { drawPicture } from '../testing/picture.ts'
import { testRecipe } from '../testing/recipe.ts'
import { runGraph } from '../testing/run-graph.ts'
import { openExtractor, planFeatures, type InputPixels } from './extract.ts'
import { addPatchTap, featureDimension, gridSize, type FeaturePlan } from './graph.ts'

const backbone = createTestBackbone()
const pictures: readonly InputPixels[] = [1, 2, 3].map((seed) =>
  drawPicture({ width: 96, height: 64, seed, kind: seed, noise: 20 }),
)

async function* each(inputs: readonly InputPixels[]): AsyncGenerator<InputPixels> {
  for (const input of inputs) yield await Promise.resolve(input)
}

test('every tap has the same total variance times the square of its weight', async () => {
  const recipe = testRecipe({ features: { tapWeights: [0.7, 1], transform: 'signed-sqrt' } })
  const { tapScales } = await planFeatures(backbone, recipe, each(pictures), testDevice)
  const values: number[][][] = [[], []]
  for (const { pixels, height, width } of pictures) {
    const taps = await runGraph(
      (g) => {
        const image = g.input('image', 'uint8', [1, height, width, 3])
        const found = backbone.build(g, normaliseImage(g, image, backbone.card.input), recipe.features.taps)
        for (const [name, tap] of Object.entries(found)) g.output(name, addPatchTap(g, tap, recipe.features))
      },
      { image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels } },
    )
    for (const [t, name] of recipe.features.taps.entries()) {
      const channels = backbone.card.taps[t]?.channels ?? 0
      const plane = (taps[name]?.length ?? 0) / channels
      for (let c = 0; c < channels; c++)
        (values[t]![c] ??= []).push(...(taps[name] ?? []).slice(c * plane, (c + 1) * plane))
    }
  }
  const total = (tap: readonly number[][]): number =>
    tap.reduce((sum, channel) => {
      const mean = channel.reduce((a, b) => a + b, 0) / channel.length
      return sum + channel.reduce((a, b) => a + (b - mean) ** 2, 0) / channel.length
    }, 0)
  values.forEach((tap, t) => {
    const weight = recipe.features.tapWeights[t] ?? 1
    expect((total(tap) * (tapScales?.[t] ?? NaN) ** 2) / weight ** 2).toBeCloseTo(1, 4)
  })
})

test('a tap without a weight weighs 1, and without balance nothing is scaled', async () => {
  const plan = (features: Partial<Recipe['features']>): Promise<FeaturePlan> =>
    planFeatures(backbone, testRecipe({ features }), each(pictures), testDevice)
  const both = await plan({ tapWeights: [1, 1] })
  expect((await plan({ tapWeights: [1] })).tapScales).toEqual(both.tapScales)
  expect((await plan({ balance: false })).tapScales).toBeNull()
  expect((await plan({ pooling: 'adaptive', dimension: 8 })).tapScales).toBeNull()
})

test('a tap that never changes, as on black pictures, gives finite scales', async () => {
  const black = [{ height: 64, width: 64, pixels: new Uint8Array(64 * 64 * 3) }]
  for (const inputs of [black, []]) {
    const { tapScales } = await planFeatures(backbone, testRecipe(), each(inputs), testDevice)
    expect(tapScales?.every((s) => Number.isFinite(s) && s > 0)).toBe(true)
  }
})

test('token taps of one width share a rotation, and those of the right width need none', async () => {
  const plan = (features: Partial<Recipe['features']>): Promise<FeaturePlan> =>
    planFeatures(
      backbone,
      testRecipe({ features: { pooling: 'tokens', ...features } }),
      each(pictures),
      testDevice,
    )
  const shapes = async (features: Partial<Recipe['features']>): Promise<readonly unknown[]> =>
    Array.from((await plan(features)).rotations, ([channels, { shape }]) => [channels, shape])
  expect(await shapes({ dimension: 8 })).toEqual([
    [6, [6, 8]],
    [10, [10, 8]],
  ])
  expect(await shapes({ dimension: 10 })).toEqual([[6, [6, 10]]])
  expect(await shapes({ dimension: 0, taps: ['coarse'], groups: 1 })).toEqual([])
  expect(featureDimension(await plan({ dimension: 0, taps: ['coarse'], groups: 1 }))).toBe(10)
  expect((await plan({ dimension: 8, balance: true })).tapScales).toHaveLength(2)
  expect((await plan({ pooling: 'mean', dimension: 8 })).rotations.size).toBe(0)
})

test('a projection is made only when it narrows the features', async () => {
  const dimensions = async (dimension: number): Promise<readonly number[] | undefined> =>
    (await planFeatures(backbone, testRecipe({ features: { dimension } }), each(pictures), testDevice))
      .projection?.shape
  expect(await dimensions(0)).toBeUndefined()
  expect(await dimensions(16)).toBeUndefined()
  expect(await dimensions(99)).toBeUndefined()
  expect(await dimensions(7)).toEqual([16, 7])
})

test('features of a picture are the same bytes whatever was extracted before it', async () => {
  const plan = await planFeatures(backbone, testRecipe(), each(pictures), testDevice)
  const small = drawPicture({ width: 32, height: 32, seed: 9 })
  const order = async (inputs: readonly InputPixels[]): Promise<Map<InputPixels, Float32Array>> => {
    await using extractor = await openExtractor(plan, testDevice)
    const rows = new Map<InputPixels, Float32Array>()
    for (const input of inputs) {
      const [own] = await extractor.extract(input)
      rows.set(input, Float32Array.from(own ?? []))
    }
    return rows
  }
  const all = [...pictures, small]
  const forwards = await order(all)
  const backwards = await order([...all].reverse())
  for (const input of all) {
    expect(forwards.get(input)).toHaveLength(((input.height * input.width) / 64) * 16)
    expect(backwards.get(input)).toEqual(forwards.get(input))
  }
  expect(forwards.get(all[0]!)).not.toEqual(forwards.get(all[1]!))
})

test('every scale gives rows of its own', async () => {
  const recipe = testRecipe({ input: { scales: [1, 0.5] } })
  const plan = await planFeatures(backbone, recipe, each(pictures), testDevice)
  await using extractor = await openExtractor(plan, testDevice)
  const input = pictures[0]!
  const rows = await extractor.extract(input)
  expect(rows.map((r) => r.length)).toEqual(
    [1, 0.5].map((scale) => {
      const grid = gridSize(plan, input.height, input.width, scale)
      return grid.height * grid.width * featureDimension(plan)
    }),
  )
})
