import { mergeRecipe, type PartialRecipe, type Recipe } from '@assay/contract'
import { expect, test } from 'vitest'
import {
  createFeatureStore,
  featureDimension,
  gridSize,
  openExtractor,
  planFeatures,
  prepareInput,
  prepareInputs,
  type FeaturePlan,
  type FeatureStore,
  type InputGeometry,
} from '../feature/index.ts'
import { openPicture } from '../image/index.ts'
import { viewSide } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { damagePicture } from '../synthesise/damage.ts'
import { createTestBackbone } from '../testing/backbone.ts'
import { testDevice } from '../testing/device.ts'
import { drain, type Drained } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { writePictures } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { testRecipe } from '../testing/recipe.ts'
import { extractFeatures, sampleInputs, type ExtractOptions, type Extracted } from './extract.ts'
import type { TrainEvent } from './options.ts'

const size = { height: 64, width: 96 }
const draw = (kind: number, seed: number) => drawPicture({ width: 80, height: 60, seed, kind })

interface Run extends Disposable {
  readonly plan: FeaturePlan
  readonly stores: readonly FeatureStore[]
  readonly drained: Drained<TrainEvent, Extracted>
  readonly options: ExtractOptions
}

type ExtractLayer = PartialRecipe & { products?: number; hasBad?: boolean; window?: InputGeometry['window'] }

/** Three pictures of each product; the second file of the first one is no picture where that is asked for. */
async function extract(
  folder: TestFolder,
  { products = 1, hasBad = false, window = null, ...layer }: ExtractLayer = {},
): Promise<Run> {
  const recipe: Recipe = mergeRecipe(testRecipe({ method: 'cras', seed: 6 }), layer)
  const plans = []
  for (let kind = 0; kind < products; kind++) {
    const training = await writePictures(
      folder,
      Object.fromEntries([0, 1, 2].map((seed) => [`${kind}/${seed}.png`, draw(kind, seed)])),
    )
    plans.push({ name: `part${kind}`, geometry: { ...size, window }, training, inputs: 3, heldOut: [] })
  }
  if (hasBad) await folder.write('0/1.png', 'no picture')
  const options = { plans, recipe, device: testDevice, maxPixels: undefined, signal: undefined }
  const plan = await planFeatures(createTestBackbone(), recipe, sampleInputs(options), testDevice)
  const stores = plan.scales.map(() =>
    createFeatureStore({
      dimension: featureDimension(plan),
      expectedRows: 1,
      precision: 'float32',
      budgetBytes: Infinity,
      spillPath: '',
    }),
  )
  const drained = await drain(extractFeatures(options, plan, stores))
  const dispose = (): void => stores.forEach((store) => store[Symbol.dispose]())
  return { plan, stores, drained, options, [Symbol.dispose]: dispose }
}

function readAll(store: FeatureStore, image: number): Float32Array {
  const rows = new Float32Array(store.rowsOf(image) * store.dimension)
  store.read(image, null, rows)
  return rows
}

test('every picture is stored under its number, at every scale', async () => {
  await using folder = await createTestFolder()
  using run = await extract(folder, { products: 2, input: { scales: [1, 0.5] } })
  const { products, files } = run.drained.result
  expect(files).toEqual(run.options.plans.flatMap((p) => p.training))
  await using extractor = await openExtractor(run.plan, testDevice)
  for (const [i, scale] of run.plan.scales.entries()) {
    const grid = gridSize(run.plan, size.height, size.width, scale)
    expect(products[i]).toEqual([
      { name: 'part0', images: [0, 1, 2], gridHeight: grid.height, gridWidth: grid.width },
      { name: 'part1', images: [3, 4, 5], gridHeight: grid.height, gridWidth: grid.width },
    ])
    for (const image of [0, 4]) {
      const picture = draw(image < 3 ? 0 : 1, image % 3)
      const expected = await extractor.extract(prepareInput(picture, size, run.options.recipe.input))
      expect(readAll(run.stores[i] as FeatureStore, image)).toEqual(expected[i])
    }
  }
})

test('windows of a picture are stored in its order and belong to it', async () => {
  await using folder = await createTestFolder()
  const input = { fit: 'tiles', window: 40, overlap: 0.25, trainingWindows: 1000 } as const
  using run = await extract(folder, { window: { height: 40, width: 40 }, input })
  const { products, pictures } = run.drained.result
  // 80 x 60 pixels in windows of 40 with a step of 30: 3 across, 2 down.
  expect(products[0]?.[0]?.images).toEqual(Array.from({ length: 18 }, (_, i) => i))
  expect(pictures).toEqual([[0, 1, 2]])
  const [store] = run.stores
  expect([5, 6, 17].map((image) => store?.pictureOf(image))).toEqual([0, 1, 2])
  await using extractor = await openExtractor(run.plan, testDevice)
  const geometry = { ...size, window: { height: 40, width: 40 } }
  await using picture = await openPicture(draw(0, 1))
  const inputs = await Array.fromAsync(prepareInputs(picture, geometry, run.options.recipe.input))
  expect(inputs.map((i) => [i.box.x, i.box.y])).toEqual([
    [0, 0],
    [30, 0],
    [40, 0],
    [0, 20],
    [30, 20],
    [40, 20],
  ])
  for (const [i, one] of inputs.entries())
    expect(readAll(store as FeatureStore, 6 + i)).toEqual((await extractor.extract(one))[0])
})

test('of a picture with many windows a few are drawn, others of the next picture', async () => {
  await using folder = await createTestFolder()
  const input = { fit: 'tiles', window: 32, overlap: 0, trainingWindows: 6 } as const
  using run = await extract(folder, { window: { height: 32, width: 32 }, input })
  const { products } = run.drained.result
  expect(products[0]?.[0]?.images).toHaveLength(6)
  expect([0, 1, 2, 3, 4, 5].map((image) => run.stores[0]?.pictureOf(image))).toEqual([0, 0, 1, 1, 2, 2])
})

test('damaged patches are those under the damage, with how far their features moved', async () => {
  await using folder = await createTestFolder()
  using run = await extract(folder)
  const { damaged } = run.drained.result
  expect(damaged[0]?.map((d) => [d.product, d.picture])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
  ])
  await using extractor = await openExtractor(run.plan, testDevice)
  const inputs = [0, 1, 2].map((seed) => prepareInput(draw(0, seed), size, run.options.recipe.input))
  const d = featureDimension(run.plan)
  for (const [index, input] of inputs.entries()) {
    const before = inputs[Math.max(0, index - 1)] ?? input
    const random = createRandom(6, 'damage', 0, index)
    const { pixels, mask } = damagePicture(input.pixels, before.pixels, size.width, size.height, random)
    const [rows = new Float32Array()] = await extractor.extract({ ...size, pixels })
    const good = readAll(run.stores[0] as FeatureStore, index)
    const expected: number[] = []
    const moved: number[] = []
    for (let patch = 0; patch < rows.length / d; patch++) {
      // The test backbone's stride is 8.
      const [top, left] = [Math.floor(patch / 12) * 8, (patch % 12) * 8]
      let sum = 0
      for (let y = top; y < top + 8; y++)
        for (let x = left; x < left + 8; x++) sum += mask[y * size.width + x] ?? NaN
      if (sum / 64 < 0.25) continue
      const row = rows.slice(patch * d, (patch + 1) * d)
      expected.push(...row)
      moved.push(Math.hypot(...row.map((v, i) => v - (good[patch * d + i] ?? NaN))))
    }
    const own = damaged[0]?.[index]
    expect(expected.length).toBeGreaterThan(0)
    expect(Array.from(own?.rows ?? [])).toEqual(expected)
    moved.forEach((value, i) => expect(own?.moved[i]).toBeCloseTo(value, 4))
  }
})

test.each([
  ['PatchCore', { method: 'patchcore' }],
  ['no share for them', { cras: { damagedShare: 0 } }],
  ['paper mode', { mode: 'paper' }],
] as const)('with %s nothing is damaged', async (_, layer) => {
  await using folder = await createTestFolder()
  using run = await extract(folder, layer)
  expect(run.drained.result.damaged).toEqual([[]])
})

test('views are kept only where products have to be told apart', async () => {
  await using folder = await createTestFolder()
  using one = await extract(folder)
  expect(one.drained.result.views).toEqual([[]])
  await using other = await createTestFolder()
  using two = await extract(other, { products: 2 })
  const { views } = two.drained.result
  expect(views.map((v) => v.length)).toEqual([3, 3])
  for (const view of views.flat()) expect(view).toHaveLength(viewSide * viewSide * 3)
})

test('a file that is no picture is reported, and those after it keep their features', async () => {
  await using folder = await createTestFolder()
  using run = await extract(folder, { hasBad: true })
  const { events, result } = run.drained
  expect(events.filter((e) => e.type === 'image-error')).toMatchObject([{ image: folder.at('0/1.png') }])
  expect(result.files).toEqual([folder.at('0/0.png'), folder.at('0/2.png')])
  expect(result.products[0]?.[0]?.images).toEqual([0, 1])
  await using whole = await createTestFolder()
  using good = await extract(whole)
  expect(readAll(run.stores[0] as FeatureStore, 0)).toHaveLength(96 * 16)
  // The scale of the taps is measured on the readable ones, so only the shape is the same as without the fault.
  expect(readAll(good.stores[0] as FeatureStore, 2)).toHaveLength(96 * 16)
  expect(events.at(-1)).toEqual({ type: 'stage', stage: 'features', done: 3, total: 3 })
  expect(result.sha256).not.toBe(good.drained.result.sha256)
})

test('the fingerprint is that of the bytes, not of the place', async () => {
  await using first = await createTestFolder()
  await using second = await createTestFolder()
  using a = await extract(first)
  using b = await extract(second)
  expect(b.drained.result.sha256).toBe(a.drained.result.sha256)
  expect(a.drained.result.sha256).toMatch(/^[0-9a-f]{64}$/)
})
