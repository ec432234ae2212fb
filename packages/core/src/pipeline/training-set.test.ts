import { mergeRecipe, type PartialRecipe } from '@assay/contract'
import { expect, test } from 'vitest'
import type { Dataset, Label, Sample, Split } from '../dataset/index.ts'
import { drain, type Drained } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { toPng } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import type { TrainEvent } from './options.ts'
import { planTrainingSet, type TrainingProductPlan } from './training-set.ts'

interface Row {
  readonly split: Split
  readonly label?: Label
  readonly count: number
  readonly size?: readonly [width: number, height: number]
  /** Written instead of a picture. */
  readonly text?: string
}

/** Writes the pictures of each product and describes them as `readDataset` would. */
async function makeDataset(
  folder: TestFolder,
  products: Readonly<Record<string, readonly Row[]>>,
): Promise<Dataset> {
  const ignored = { hidden: 0, notImages: 0, strayImages: [], folders: [], links: [] }
  const made: Dataset['products'][number][] = []
  for (const [name, rows] of Object.entries(products)) {
    const samples: Sample[] = []
    for (const { split, label = 'good', count, size: [width, height] = [8, 8], text } of rows) {
      for (let i = 0; i < count; i++) {
        const id = `${name}/${split}/${label}/${samples.length}.png`
        const path = await folder.write(id, text ?? (await toPng(drawPicture({ width, height, seed: i }))))
        samples.push({ id, path, product: name, split, label, defect: null, maskPath: null, condition: null })
      }
    }
    made.push({
      name,
      path: folder.at(name),
      layout: 'mvtec-ad',
      samples,
      heldOut: 0,
      masksWithoutImage: [],
      defectKinds: null,
      ignored,
    })
  }
  return {
    root: folder.path,
    layout: 'products',
    because: 'made for a test',
    published: null,
    products: made,
    ignored,
  }
}

async function plan(
  products: Readonly<Record<string, readonly Row[]>>,
  layer: PartialRecipe = {},
): Promise<Drained<TrainEvent, readonly TrainingProductPlan[]>> {
  await using folder = await createTestFolder()
  const drained = await drain(planTrainingSet(await makeDataset(folder, products), mergeRecipe(layer)))
  return drained
}

test('a share of the training pictures is held out, none is in both', async () => {
  const { result } = await plan({ a: [{ split: 'train', count: 30 }] }, { calibration: { holdOut: 0.2 } })
  const [{ training, heldOut } = { training: [], heldOut: [] }] = result
  expect([training.length, heldOut.length]).toEqual([24, 6])
  expect(new Set([...training, ...heldOut]).size).toBe(30)
})

test('a validation split is what is held out, and training keeps all of its own', async () => {
  const { result } = await plan({
    a: [
      { split: 'train', count: 6 },
      { split: 'validation', count: 4 },
    ],
  })
  expect([result[0]?.training.length, result[0]?.heldOut.length]).toEqual([6, 4])
  expect(result[0]?.heldOut.every((file) => file.includes('validation'))).toBe(true)
})

test('test pictures, defects and pictures without truth are never learned from', async () => {
  const { result } = await plan({
    a: [
      { split: 'train', count: 5 },
      { split: 'train', label: 'defect', count: 2 },
      { split: 'validation', label: 'defect', count: 2 },
      { split: 'test', count: 3 },
      { split: 'test', label: 'unknown', count: 3 },
    ],
  })
  const used = [...(result[0]?.training ?? []), ...(result[0]?.heldOut ?? [])]
  expect(used).toHaveLength(5)
  expect(used.every((file) => file.includes('/train/good/'))).toBe(true)
})

test('no more are held out than the recipe allows, at least one, and the seed chooses', async () => {
  const rows = { a: [{ split: 'train', count: 20 }] } as const
  const names = async (calibration: PartialRecipe['calibration'], seed = 0): Promise<string[]> => {
    const { result } = await plan(rows, { seed, ...(calibration === undefined ? {} : { calibration }) })
    return (result[0]?.heldOut ?? []).map((file) => file.split('/').at(-1) ?? '')
  }
  expect(await names({ holdOut: 0.5, holdOutAtMost: 3 })).toHaveLength(3)
  expect(await names({ holdOut: 0.01 })).toHaveLength(1)
  const half = { holdOut: 0.5 }
  expect(await names(half, 1)).toEqual(await names(half, 1))
  expect(await names(half, 1)).not.toEqual(await names(half, 2))
})

test('two pictures are enough, one is not, none is said to be none', async () => {
  const two = await plan({ a: [{ split: 'train', count: 2 }] })
  expect([two.result[0]?.training.length, two.result[0]?.heldOut.length]).toEqual([1, 1])
  await expect(plan({ a: [{ split: 'train', count: 1 }] })).rejects.toMatchObject({
    code: 'DATA_TOO_FEW_IMAGES',
    params: { product: 'a', found: 1, needed: 2 },
  })
  await expect(plan({ a: [{ split: 'validation', count: 3 }] })).rejects.toMatchObject({
    code: 'DATA_TOO_FEW_IMAGES',
  })
  await expect(plan({ a: [{ split: 'test', count: 3 }] })).rejects.toMatchObject({
    code: 'DATA_NO_GOOD_IMAGES',
    params: { product: 'a' },
  })
})

test('pictures that cannot be read are reported once, and are not among those that count', async () => {
  const { result, events } = await plan({
    a: [
      { split: 'train', count: 4 },
      { split: 'train', count: 2, text: 'no picture' },
      { split: 'validation', count: 1, text: '' },
    ],
  })
  expect(events.filter((e) => e.type === 'image-error')).toHaveLength(3)
  expect((result[0]?.training.length ?? 0) + (result[0]?.heldOut.length ?? 0)).toBe(4)
  await expect(plan({ a: [{ split: 'train', count: 3, text: 'no picture' }] })).rejects.toMatchObject({
    code: 'DATA_NO_GOOD_IMAGES',
  })
})

test('every product has the input size of its own pictures', async () => {
  const { result } = await plan(
    {
      wide: [{ split: 'train', count: 3, size: [400, 100] }],
      high: [{ split: 'train', count: 3, size: [100, 400] }],
    },
    { input: { pixels: 128 * 128 } },
  )
  expect(result.map((p) => p.geometry)).toEqual([
    { height: 64, width: 256, window: null },
    { height: 256, width: 64, window: null },
  ])
})

test('a picture counts as many inputs as it has windows, up to the share of each picture', async () => {
  const input = { fit: 'tiles', window: 100, overlap: 0, pixels: 64 * 64 } as const
  const rows = [
    { split: 'train', count: 2, size: [250, 100] },
    { split: 'train', count: 8, size: [100, 80] },
    { split: 'validation', count: 1, size: [100, 80] },
  ] as const
  const [part] = (await plan({ part: rows }, { input: { ...input, trainingWindows: 20 } })).result
  expect(part?.geometry.window).toEqual({ height: 80, width: 100 })
  // The large pictures have 3 x 2 windows, of which 20 / 10 are learned from.
  expect(part?.inputs).toBe(2 * 2 + 8)
})

test('reading counts up to its total, whatever else lies in the data', async () => {
  const { events } = await plan({
    a: [
      { split: 'train', count: 3 },
      { split: 'test', count: 4 },
    ],
    b: [{ split: 'train', count: 2 }],
  })
  const stages = events.filter((e) => e.type === 'stage')
  expect(stages.at(-1)).toEqual({ type: 'stage', stage: 'read', done: 5, total: 5 })
})

test('few pictures to learn from, or to set the threshold with, are worth a warning each', async () => {
  const warnings = async (train: number, validation: number): Promise<string[]> => {
    const rows: Row[] = [
      { split: 'train', count: train },
      { split: 'validation', count: validation },
    ]
    const { events } = await plan({ a: rows }, { calibration: { falseAlarms: 0.2 } })
    return events.flatMap((e) => (e.type === 'warning' ? [e.message] : []))
  }
  expect(await warnings(12, 14)).toEqual([])
  const both = await warnings(3, 2)
  expect(both).toHaveLength(2)
  expect(both[0]).toContain('only 3 good images')
  // The largest of two scores is exceeded by no more than 1 - 0.05 ** (1 / 2) of all.
  expect(both[1]).toBe(
    '2 good images of "a" can promise 78 % false alarms at best, with 95 % confidence; ' +
      '1 in 5 is aimed at, and to promise it takes 14.',
  )
})

test('pictures of several shapes are worth a warning for the method that compares places, and for no other', async () => {
  const warnings = async (
    method: 'padim' | 'patchcore',
    size: readonly [number, number],
  ): Promise<string[]> => {
    const rows: Row[] = [
      { split: 'train', count: 12, size: [100, 100] },
      { split: 'train', count: 1, size },
      { split: 'validation', count: 14 },
    ]
    const { events } = await plan({ a: rows }, { method, calibration: { falseAlarms: 0.2 } })
    return events.flatMap((e) => (e.type === 'warning' ? [e.message] : []))
  }
  expect(await warnings('padim', [200, 100])).toEqual([expect.stringContaining('different shapes')])
  expect(await warnings('padim', [200, 200])).toEqual([])
  expect(await warnings('padim', [103, 100])).toEqual([])
  expect(await warnings('patchcore', [200, 100])).toEqual([])
})
