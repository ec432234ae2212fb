import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { encodePng } from '../image/index.ts'
import { describeDataset, type OddityCode, readMask } from './index.ts'

const made: string[] = []

afterEach(async () => {
  await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true })))
})

interface Picture {
  readonly width?: number
  readonly height?: number
  readonly channels?: 1 | 3
  /** Values of the first pixels; the rest is `rest`. */
  readonly values?: readonly number[]
  readonly rest?: number
}

async function makeTree(pictures: Record<string, Picture | Uint8Array>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'assay-describe-'))
  made.push(root)
  for (const [path, picture] of Object.entries(pictures)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), picture instanceof Uint8Array ? picture : await toPng(picture))
  }
  return root
}

async function toPng(picture: Picture): Promise<Uint8Array> {
  const { width = 80, height = 64, channels = 3, values = [], rest = 0 } = picture
  const pixels = new Uint8Array(width * height * channels).fill(rest)
  pixels.set(values)
  return encodePng(pixels, width, height, channels)
}

/** Twenty-two good training pictures, all different. */
const training = Object.fromEntries(
  Array.from({ length: 22 }, (_, i) => [`train/good/${i}.png`, { values: [i + 1] }]),
)

async function findOddity(root: string, code: OddityCode, thorough = false): Promise<unknown> {
  const { oddities } = await describeDataset(root, { thorough })
  const { product: _, ...rest } = oddities.find((oddity) => oddity.code === code) ?? { product: null }
  return rest
}

test('a clean product is described with counts, sizes, modes and nothing odd', async () => {
  const root = await makeTree({
    ...training,
    'test/good/0.png': { values: [100] },
    'test/cut/0.png': { values: [101] },
    'ground_truth/cut/0_mask.png': { channels: 1, values: [255] },
  })
  const progress: string[] = []
  const description = await describeDataset(root, {
    onProgress: ({ done, total }) => progress.push(`${done}/${total}`),
  })
  expect(description.oddities).toEqual([])
  expect(description.products).toEqual([
    {
      name: expect.stringMatching(/^assay-describe-/),
      layout: 'mvtec-ad',
      understood: expect.stringContaining('MVTec AD layout'),
      counts: {
        train: { good: 22 },
        validation: { good: 0 },
        test: { good: 1, defect: 1, unknown: 0, defects: [{ name: 'cut', images: 1, masks: 1 }] },
        heldOut: 0,
      },
      sizes: {
        distinct: [{ width: 80, height: 64, count: 24 }],
        distinctCount: 1,
        smallest: { width: 80, height: 64 },
        median: { width: 80, height: 64 },
        largest: { width: 80, height: 64 },
      },
      modes: [{ channels: 3, depth: 8, count: 24 }],
      formats: [{ format: 'png', count: 24 }],
      conditions: [],
      defectKinds: null,
    },
  ])
  expect(progress.at(-1)).toBe('49/49')
  expect(JSON.parse(JSON.stringify(description))).toEqual(description)
})

test('a cut file is found by its header, one damaged inside only when thorough', async () => {
  const whole = await toPng({
    width: 200,
    height: 200,
    values: Array.from({ length: 90_000 }, (_, i) => (i * i) % 251),
  })
  const root = await makeTree({
    ...training,
    'train/good/90.png': whole.subarray(0, 20),
    'train/good/91.png': whole.subarray(0, whole.length / 2),
    'train/good/92.png': new Uint8Array(0),
  })
  const quick = await findOddity(root, 'UNREADABLE')
  expect(quick).toMatchObject({ count: 2, examples: ['train/good/90.png', 'train/good/92.png'] })
  const thorough = await findOddity(root, 'UNREADABLE', true)
  expect(thorough).toMatchObject({
    count: 3,
    examples: ['train/good/90.png', 'train/good/91.png', 'train/good/92.png'],
    sentence: expect.stringMatching(/^3 files cannot be read: .+\.$/),
  })
})

test('equal files are found within training, across splits and with two labels', async () => {
  const root = await makeTree({
    ...training,
    'train/good/50.png': { values: [7] },
    'test/good/0.png': { values: [8] },
    'test/cut/0.png': { values: [8] },
    'test/cut/1.png': { values: [200] },
  })
  expect(await findOddity(root, 'DUPLICATES_IN_TRAINING')).toMatchObject({
    count: 1,
    examples: ['train/good/6.png = train/good/50.png'],
  })
  expect(await findOddity(root, 'DUPLICATES_ACROSS_SPLITS')).toMatchObject({
    count: 1,
    examples: ['train/good/7.png = test/good/0.png = test/cut/0.png'],
  })
  expect(await findOddity(root, 'DUPLICATES_WITH_TWO_LABELS')).toMatchObject({ count: 1 })
})

test('masks that are missing, spare, empty, grey or of another size are told apart', async () => {
  const root = await makeTree({
    ...training,
    'test/good/0.png': { values: [100] },
    ...Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`test/cut/${i}.png`, { values: [100 + i] }])),
    'ground_truth/cut/1_mask.png': { channels: 1 },
    'ground_truth/cut/2_mask.png': { channels: 1, values: [255, 128] },
    'ground_truth/cut/3_mask.png': { channels: 1, width: 64, height: 80, values: [255] },
    'ground_truth/cut/4_mask.png': { channels: 3, values: [255, 0, 0] },
    'ground_truth/cut/9_mask.png': { channels: 1, values: [255] },
  })
  expect(await findOddity(root, 'MASKS_EMPTY')).toMatchObject({
    count: 1,
    examples: ['ground_truth/cut/1_mask.png'],
  })
  expect(await findOddity(root, 'MASKS_NOT_BINARY')).toMatchObject({
    count: 1,
    examples: ['ground_truth/cut/2_mask.png'],
  })
  expect(await findOddity(root, 'MASKS_OF_ANOTHER_SIZE')).toMatchObject({
    count: 1,
    examples: ['ground_truth/cut/3_mask.png'],
  })
  expect(await findOddity(root, 'MASKS_WITHOUT_IMAGE')).toMatchObject({
    count: 1,
    examples: ['ground_truth/cut/9_mask.png'],
  })
  expect(await findOddity(root, 'DEFECTS_WITHOUT_MASK')).toEqual({
    code: 'DEFECTS_WITHOUT_MASK',
    count: 1,
    examples: ['test/cut/5.png'],
    sentence: '1 defect image has no mask and takes no part in pixel metrics.',
  })
})

test('a set without any mask says so once', async () => {
  const root = await makeTree({
    ...training,
    'test/cut/1.png': { values: [99] },
    'test/cut/2.png': { values: [98] },
  })
  expect(await findOddity(root, 'DEFECTS_WITHOUT_MASK')).toMatchObject({
    count: 2,
    sentence: 'No defect image has a mask, so pixel metrics cannot be given.',
  })
  expect(await findOddity(root, 'NO_GOOD_TEST_IMAGES')).toMatchObject({ count: 0 })
})

test('few, small and mixed images are pointed out', async () => {
  const root = await makeTree({ '1.png': { width: 40 }, '2.png': { channels: 1 }, '3.png': { height: 90 } })
  expect(await findOddity(root, 'FEW_TRAINING_IMAGES')).toMatchObject({
    sentence: 'There are only 3 good images to learn from; 20 or more are better.',
  })
  expect(await findOddity(root, 'SMALL_IMAGES')).toMatchObject({ count: 1, examples: ['1.png'] })
  expect(await findOddity(root, 'MIXED_SIZES')).toMatchObject({
    count: 3,
    sentence: 'Images have 3 different sizes, widths from 40 to 80 and heights from 64 to 90.',
  })
  expect(await findOddity(root, 'MIXED_MODES')).toMatchObject({
    count: 2,
    sentence: 'Images are of different kinds: 2 colour 8-bit, 1 grey 8-bit.',
  })
})

test('where most images have one size, those of another are named', async () => {
  const root = await makeTree({ ...training, 'train/good/wide.png': { width: 90, values: [99] } })
  expect(await findOddity(root, 'MIXED_SIZES')).toMatchObject({
    count: 1,
    examples: ['train/good/wide.png'],
    sentence:
      '1 image does not have the 80 x 64 pixels of the others; there are 2 different sizes, widths from 80 to 90 and heights all 64.',
  })
})

test('good test images without a defect are pointed out, training images alone are not', async () => {
  const trained = await makeTree(training)
  expect(await findOddity(trained, 'NO_DEFECTS')).toEqual({})
  const root = await makeTree({ ...training, 'test/good/0.png': { values: [100] } })
  expect(await findOddity(root, 'NO_DEFECTS')).toMatchObject({ count: 1 })
})

test('the description of good/ with defects says which share is held out', async () => {
  const good = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`good/${i}.png`, { values: [i] }]))
  const root = await makeTree({ ...good, 'bad/0.png': { values: [77] } })
  const { understood, products } = await describeDataset(root)
  expect(understood).toContain('every fifth good image in name order (2) is held out from training')
  expect(products[0]?.counts).toMatchObject({ train: { good: 8 }, test: { good: 2, defect: 1 }, heldOut: 2 })
})

test('a stopped description stops', async () => {
  const root = await makeTree(training)
  const stop = new AbortController()
  const describing = describeDataset(root, { signal: stop.signal, onProgress: () => stop.abort() })
  await expect(describing).rejects.toThrow('aborted')
})

test('a mask is read as 0 and 255, whatever was painted, and one of another size is refused', async () => {
  const root = await makeTree({
    'red.png': { width: 2, height: 1, channels: 3, values: [200, 0, 0, 0, 0, 0] },
    'grey.png': { width: 2, height: 1, channels: 1, values: [1, 0] },
  })
  const image = { name: 'a.png', width: 2, height: 1 }
  expect(await readMask(join(root, 'red.png'), image)).toEqual(Uint8Array.of(255, 0))
  expect(await readMask(join(root, 'grey.png'), image)).toEqual(Uint8Array.of(255, 0))
  await expect(readMask(join(root, 'grey.png'), { ...image, width: 1 })).rejects.toMatchObject({
    code: 'DATA_MASK_MISMATCH',
    message: expect.stringContaining('it has 2 x 1 pixels, the image 1 x 1'),
  })
})
