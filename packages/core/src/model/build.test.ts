import type { PartialRecipe } from '@assay/contract'
import { writeOnnx, type Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import type { InputPixels } from '../feature/index.ts'
import { gridSize } from '../feature/index.ts'
import { gaussianFilter, interpolateBilinear } from '../image/index.ts'
import { openSession, type Feeds } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { drawNoisePicture, drawPicture } from '../testing/picture.ts'
import { patchScores, tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { buildModel, type ModelParts } from './build.ts'

const one = await trainTinyModel()
const three = await trainTinyModel({ products: 3 })
const strange = drawNoisePicture(tinySize.width, tinySize.height, 4)

function withRecipe(parts: ModelParts, layer: Pick<PartialRecipe, 'score'>): ModelParts {
  return { ...parts, recipe: { ...parts.recipe, score: { ...parts.recipe.score, ...layer.score } } }
}

function feed(...pictures: readonly InputPixels[]): Record<'image', Tensor> {
  const [first] = pictures
  const data = new Uint8Array(pictures.reduce((sum, p) => sum + p.pixels.length, 0))
  pictures.reduce((at, p) => (data.set(p.pixels, at), at + p.pixels.length), 0)
  return {
    image: { dtype: 'uint8', shape: [pictures.length, first?.height ?? 0, first?.width ?? 0, 3], data },
  }
}

async function run(parts: ModelParts, feeds: Feeds): Promise<Record<string, number[]>> {
  await using session = await openSession(writeOnnx(buildModel(parts)), testDevice, 'the model')
  const outputs = await session.run(feeds)
  return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, Array.from(t.data, Number)]))
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length)
  let worst = 0
  for (let i = 0; i < expected.length; i++)
    worst = Math.max(worst, Math.abs((found[i] ?? NaN) - (expected[i] ?? NaN)))
  expect(worst).toBeLessThan(tolerance)
}

/** Kernel weights and sums are float32 in the model. */
const mapTolerance = 1e-4

// A sigma below 1/8 has a kernel of one value; at 8 the radius reaches over the whole height.
test.each([0, 0.1, 0.2, 2, 4, 8])(
  'with sigma %s the map is the upsampled patch scores, smoothed as scipy does',
  async (sigma) => {
    const { map = [] } = await run(withRecipe(one, { score: { sigma } }), feed(strange))
    const [scores] = await patchScores(one, strange)
    const { height, width } = gridSize(one.plan, tinySize.height, tinySize.width, 1)
    const full = interpolateBilinear(
      Float32Array.from(scores?.map ?? []),
      height,
      width,
      tinySize.height,
      tinySize.width,
      { alignCorners: false },
    )
    const expected = sigma === 0 ? full : gaussianFilter(full, tinySize.height, tinySize.width, sigma)
    expectClose(map, expected, mapTolerance)
  },
)

test.each([
  [0, 1],
  [0.001, 1],
  [0.02, 1],
  [0.05, 4],
  [0.5, 48],
  [1, 96],
])(
  'with a top share of %s the score is the mean of the %s strangest of 96 patches',
  async (topShare, count) => {
    const { score } = await run(withRecipe(one, { score: { topShare } }), feed(strange))
    const [scores] = await patchScores(one, strange)
    const sorted = [...(scores?.image ?? [])].sort((a, b) => b - a).slice(0, count)
    expect(score?.[0]).toBeCloseTo(sorted.reduce((a, b) => a + b, 0) / count, 4)
  },
)

test('with several scales score and map are of the mean over the scales on the finest grid', async () => {
  const parts = await trainTinyModel({ layers: [{ input: { scales: [1, 0.5] }, score: { sigma: 0 } }] })
  const found = await run(withRecipe(parts, { score: { topShare: 0 } }), feed(strange))
  const scores = await patchScores(parts, strange)
  const fine = gridSize(parts.plan, tinySize.height, tinySize.width, 1)
  const mean = (which: 'image' | 'map'): Float32Array => {
    const sum = Float32Array.from(scores[0]?.[which] ?? [])
    const coarse = gridSize(parts.plan, tinySize.height, tinySize.width, 0.5)
    const up = interpolateBilinear(
      Float32Array.from(scores[1]?.[which] ?? []),
      coarse.height,
      coarse.width,
      fine.height,
      fine.width,
      { alignCorners: false },
    )
    return sum.map((v, i) => (v + (up[i] ?? NaN)) / 2)
  }
  expect(found['score']?.[0]).toBeCloseTo(Math.max(...mean('image')), 4)
  const expected = interpolateBilinear(
    mean('map'),
    fine.height,
    fine.width,
    tinySize.height,
    tinySize.width,
    {
      alignCorners: false,
    },
  )
  expectClose(found['map'] ?? [], expected, mapTolerance)
})

test.each([
  ['a projection', { dimension: 7 }],
  ['adaptive pooling', { pooling: 'adaptive', dimension: 8, transform: 'none' }],
] as const)('with %s several scales and the view of the router share a graph', async (_, features) => {
  const parts = await trainTinyModel({ products: 2, layers: [{ features, input: { scales: [1, 0.5] } }] })
  const { product, score } = await run(parts, feed(drawPicture({ ...tinySize, seed: 60, kind: 1 })))
  expect(product).toEqual([1])
  const { score: other } = await run(
    { ...parts, fixedProduct: 0 },
    feed(drawPicture({ ...tinySize, seed: 60, kind: 1 })),
  )
  expect(other?.[0] ?? NaN).toBeGreaterThan(score?.[0] ?? NaN)
})

test('a strange picture scores higher than a good one', async () => {
  const good = await run(one, feed(drawPicture({ ...tinySize, seed: 50 })))
  const bad = await run(one, feed(strange))
  expect(bad['score']?.[0] ?? NaN).toBeGreaterThan(1.5 * (good['score']?.[0] ?? NaN))
})

test('the calibrated score is 0.5 at the threshold of the product', async () => {
  const { score: [raw = NaN] = [] } = await run(one, feed(strange))
  const at = await run({ ...one, calibrations: [{ threshold: raw, scale: 0.3 }] }, feed(strange))
  expect(at['calibrated']?.[0]).toBeCloseTo(0.5, 4)
  const above = await run({ ...one, calibrations: [{ threshold: raw - 0.6, scale: 0.3 }] }, feed(strange))
  expect(above['calibrated']?.[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 4)
})

test('two pictures together give what each gives alone', async () => {
  const pictures = [
    drawPicture({ ...tinySize, seed: 60, kind: 1 }),
    drawPicture({ ...tinySize, seed: 61, kind: 2 }),
  ]
  const both = await run(three, feed(...pictures))
  const alone = [await run(three, feed(pictures[0]!)), await run(three, feed(pictures[1]!))]
  expect(both['product']).toEqual([1, 2])
  for (const name of ['score', 'calibrated', 'map', 'product'])
    expectClose(
      both[name] ?? [],
      alone.flatMap((a) => a[name] ?? []),
      1e-4,
    )
})

test('pictures of another size than the training are taken, in any ratio', async () => {
  for (const [height, width] of [
    [32, 32],
    [64, 160],
    [320, 32],
  ] as const) {
    const { map, score } = await run(three, feed(drawPicture({ height, width, seed: 3 })))
    expect(map).toHaveLength(height * width)
    expect(Number.isFinite(score?.[0])).toBe(true)
  }
})

test('a fixed product is scored by its own memory whatever the picture shows', async () => {
  const picture = drawPicture({ ...tinySize, seed: 60, kind: 1 })
  const free = await run(three, feed(picture))
  const same = await run({ ...three, fixedProduct: 1 }, feed(picture))
  const other = await run({ ...three, fixedProduct: 2 }, feed(picture))
  expect([free['product'], same['product'], other['product']]).toEqual([[1], [1], [2]])
  expect(same['score']).toEqual(free['score'])
  expect(other['score']?.[0] ?? NaN).toBeGreaterThan(1.5 * (same['score']?.[0] ?? NaN))
  // Thresholds are 1, 2, 3 and scales 0.5, 1.5, 2.5.
  const calibrated = 1 / (1 + Math.exp(-((other['score']?.[0] ?? NaN) - 3) / 2.5))
  expect(other['calibrated']?.[0]).toBeCloseTo(calibrated, 4)
})

test('a penalty leaves entries of the memory out', async () => {
  const picture = drawPicture({ ...tinySize, seed: 1 })
  const size = one.fitted[0]?.owners?.shape[1] ?? 0
  const owners = Array.from(one.fitted[0]?.owners?.data ?? [], Number)
  const penalised = (penalty: Float32Array): Promise<Record<string, number[]>> =>
    run(
      { ...one, hasPenalty: true },
      { ...feed(picture), penalty0: { dtype: 'float32', shape: [size], data: penalty } },
    )
  const plain = await run(one, feed(picture))
  expect((await penalised(new Float32Array(size)))['score']).toEqual(plain['score'])
  // Seed 1 is the first training picture: without its own patches it is stranger.
  const without = await penalised(Float32Array.from(owners, (image) => (image === 0 ? 1e12 : 0)))
  expect(without['score']?.[0] ?? NaN).toBeGreaterThan(plain['score']?.[0] ?? NaN)
})
