import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { encodePng } from '../../image/index.ts'
import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { describeDataset, type LayoutName, readDataset, type Sample } from '../index.ts'
import { comparePublished } from '../published/index.ts'
import { writeMiniature } from '../testing/miniature.ts'
import { layouts } from './catalogue.ts'

const published: readonly LayoutName[] = layouts.flatMap(({ name, published }) =>
  published === null ? [] : [name],
)

const all = { isThere: () => true, isWhole: true }

/** `split/label[/defect]` and how many images of it there are, of the first product. */
function countKinds(samples: readonly Sample[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { split, label, defect } of samples) {
    const kind = [split, defect ?? label].join('/')
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

test.each<[LayoutName, number, Record<string, number>]>([
  ['mvtec-ad', 15, { 'train/good': 3, 'test/good': 3, 'test/scratch': 2 }],
  [
    'mvtec-ad-2',
    8,
    { 'train/good': 3, 'validation/good': 2, 'test/good': 3, 'test/unknown': 4, 'test/bad': 2 },
  ],
  ['visa', 12, { 'train/good': 3, 'test/good': 3, 'test/bad': 2 }],
  ['visa-mvtec', 12, { 'train/good': 3, 'test/good': 3, 'test/bad': 2 }],
  ['mpdd', 6, { 'train/good': 3, 'test/good': 3, 'test/scratch': 2 }],
  ['itdd', 4, { 'train/good': 3, 'test/good': 3, 'test/scratch': 2 }],
  ['wfdd', 4, { 'train/good': 3, 'test/good': 3, 'test/scratch': 2 }],
  ['btad', 3, { 'train/good': 3, 'test/good': 3, 'test/ko': 2 }],
  ['kolektorsdd', 1, { 'train/good': 3, 'test/crack': 2 }],
  ['mtd', 1, { 'train/good': 3, 'test/good': 3, 'test/crack': 1, 'test/uneven': 1 }],
  [
    'mvtec-loco',
    5,
    {
      'train/good': 3,
      'validation/good': 2,
      'test/good': 3,
      'test/logical_anomalies': 1,
      'test/structural_anomalies': 1,
    },
  ],
])('%s is recognised by itself and read with its splits, labels and masks', async (name, count, kinds) => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, name, { namesOnly: name !== 'kolektorsdd' })
  const dataset = await readDataset(root)
  expect([dataset.layout, dataset.products.length]).toEqual([name, count])
  expect(dataset.published).not.toBeNull()
  for (const product of dataset.products) {
    expect(countKinds(product.samples)).toEqual(kinds)
    expect(product.samples.filter((s) => s.label === 'defect').every((s) => s.maskPath !== null)).toBe(true)
    expect(product.masksWithoutImage).toEqual([])
    expect(product.ignored.folders).toEqual([])
  }
  const ids = dataset.products.flatMap((product) => product.samples.map((sample) => sample.id))
  expect(new Set(ids).size).toBe(ids.length)
  expect(await readDataset(root, { layout: name })).toEqual({ ...dataset, because: 'that was asked for' })
})

/** The converted VisA has the counts of the other. */
const counted = published.filter((name) => name !== 'visa-mvtec')

test.each(counted)('a complete copy of %s has the published counts, and nothing is missed', async (name) => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, name, {
    counts: 'published',
    namesOnly: name !== 'kolektorsdd',
  })
  const dataset = await readDataset(root)
  expect(dataset.layout).toBe(name)
  expect(comparePublished(dataset, all)).toEqual([])
  const images = dataset.products.reduce((sum, { samples }) => sum + samples.length, 0)
  expect(images).toBe(dataset.published?.images)
})

test.each(published)('a miniature of %s is not taken for a complete copy', async (name) => {
  await using folder = await createTestFolder()
  const namesOnly = name !== 'kolektorsdd'
  const dataset = await readDataset(await writeMiniature(folder, name, { namesOnly }))
  const findings = comparePublished(dataset, all)
  expect(findings.length).toBeGreaterThan(0)
  expect(findings.every(({ code }) => code === 'COUNTS_DIFFER')).toBe(true)
})

/** Describes a complete product of MVTec AD with something gone from it. */
async function describeToothbrush(
  folder: TestFolder,
  damage: (root: string) => Promise<unknown>,
): Promise<Awaited<ReturnType<typeof describeDataset>>> {
  const root = await writeMiniature(folder, 'mvtec-ad', {
    counts: 'published',
    products: ['toothbrush', 'wood'],
    namesOnly: true,
  })
  await writeMiniature(folder, 'mvtec-ad', { counts: 'published', products: ['toothbrush'] })
  await damage(root)
  return describeDataset(root, { products: ['toothbrush'] })
}

test('a complete product is described as such', async () => {
  await using folder = await createTestFolder()
  const { understood, because, published, oddities } = await describeToothbrush(folder, async () => {})
  expect(understood).toBe('MVTec AD: 1 product.')
  expect(because).toBe('its folders are named toothbrush and wood')
  expect(published).toMatchObject({ name: 'MVTec AD', standing: 'established', isComplete: true })
  expect(oddities).toEqual([])
})

test('images that are gone or cannot be read are counted and named by the gap in their numbers', async () => {
  await using folder = await createTestFolder()
  const { published, oddities } = await describeToothbrush(folder, async (root) => {
    await rm(`${root}/toothbrush/train/good/017.png`)
    await folder.write('data/toothbrush/train/good/040.png', 'no picture')
    await rm(`${root}/toothbrush/test/scratch/029.png`)
  })
  expect(published?.isComplete).toBe(false)
  expect(oddities).toMatchObject([
    {
      code: 'COUNTS_DIFFER',
      product: 'toothbrush',
      count: 2,
      examples: ['toothbrush/train/good/017.png', 'toothbrush/train/good/040.png'],
      sentence: 'toothbrush: 58 training images, 60 in MVTec AD.',
    },
    { code: 'COUNTS_DIFFER', sentence: 'toothbrush: 29 test images with defects, 30 in MVTec AD.' },
    { code: 'UNREADABLE' },
    { code: 'MASKS_WITHOUT_IMAGE', examples: ['toothbrush/ground_truth/scratch/029_mask.png'] },
  ])
})

test('products that are missing or do not belong are named', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'mpdd', { counts: 'published', namesOnly: true })
  await rm(`${root}/tubes`, { recursive: true })
  await folder.write('data/my_own/train/good/0.png', '')
  const findings = comparePublished(await readDataset(root), all)
  expect(findings).toMatchObject([
    { code: 'PRODUCTS_MISSING', sentence: '1 of the 6 products of MPDD is missing: tubes.' },
    { code: 'PRODUCTS_UNKNOWN', names: ['my_own'], sentence: 'my_own is not part of MPDD.' },
  ])
})

test('a count that is not established is compared with a warning', async () => {
  await using folder = await createTestFolder()
  const dataset = await readDataset(await writeMiniature(folder, 'mpdd', { namesOnly: true }))
  expect(comparePublished(dataset, all)[0]?.sentence).toMatch(
    /289 in MPDD as far as is known, for this number is unverified\.$/,
  )
})

test('one private split of MVTec AD 2 that is missing is told from the other', async () => {
  await using folder = await createTestFolder()
  const options = { counts: 'published', products: ['can', 'vial'], namesOnly: true } as const
  const root = await writeMiniature(folder, 'mvtec-ad-2', options)
  await rm(`${root}/vial/test_private_mixed`, { recursive: true })
  const findings = comparePublished(await readDataset(root), { ...all, isWhole: false })
  expect(findings.map((finding) => finding.sentence)).toEqual([
    'vial: 0 images in test_private_mixed, 276 in MVTec AD 2.',
  ])
})

test('the lighting of MVTec AD 2 is whatever follows the number, known or not', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'mvtec-ad-2', { products: ['can'] })
  await folder.write('data/can/test_public/good/007_candlelight.png', '')
  const { products } = await readDataset(root)
  const conditions = new Map(products[0]?.samples.map((sample) => [sample.id, sample.condition]))
  expect(conditions.get('can/test_public/good/007_candlelight.png')).toBe('candlelight')
  expect(conditions.get('can/test_public/bad/000_overexposed.png')).toBe('overexposed')
  expect(conditions.get('can/test_private/000_regular.png')).toBe('regular')
  expect(conditions.get('can/test_private_mixed/001_mixed.png')).toBe('mixed')
  const description = await describeDataset(root)
  expect(description.products[0]?.conditions[0]).toEqual({ condition: 'regular', count: 9 })
})

test('names of conditions in other data mean nothing', async () => {
  await using folder = await createTestFolder()
  await folder.write('train/good/000_overexposed.png', '')
  const { products } = await readDataset(folder.path)
  expect(products[0]?.samples[0]?.condition).toBeNull()
})

test('a single product of a set is compared with its own counts and misses no other', async () => {
  await using folder = await createTestFolder()
  await writeMiniature(folder, 'mvtec-ad-2', {
    counts: 'published',
    products: ['sheet_metal'],
    namesOnly: true,
  })
  const dataset = await readDataset(folder.at('data/sheet_metal'))
  expect(dataset).toMatchObject({ layout: 'mvtec-ad-2', published: { name: 'MVTec AD 2' } })
  expect(comparePublished(dataset, all)).toEqual([])
})

test('a single bottle is anybody’s bottle until somebody says that it is MVTec AD', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'mvtec-ad', { products: ['bottle'], namesOnly: true })
  expect(await readDataset(root)).toMatchObject({ layout: 'products', published: null })
  const told = await readDataset(root, { layout: 'mvtec-ad' })
  expect(comparePublished(told, all).map((finding) => finding.code)).toEqual([
    'PRODUCTS_MISSING',
    'COUNTS_DIFFER',
    'COUNTS_DIFFER',
    'COUNTS_DIFFER',
  ])
})

test('data that only looks like MVTec LOCO AD is read like it and compared with nothing', async () => {
  await using folder = await createTestFolder()
  await folder.write('wiring/train/good/0.png', '')
  await folder.write('wiring/test/good/0.png', '')
  await folder.write('wiring/defects_config.json', '[]')
  expect(await readDataset(folder.path)).toMatchObject({
    layout: 'mvtec-loco',
    because: 'it has wiring/defects_config.json',
    published: null,
    products: [{ defectKinds: [] }],
  })
})

test('good tiles of MTD are split as published, the rest of the tiles is for training', async () => {
  await using folder = await createTestFolder()
  for (const name of ['exp1_num_11276', 'exp1_num_10181', 'exp6_num_71297', 'exp0_num_743']) {
    await folder.write(`MT_Free/Imgs/${name}.jpg`, '')
  }
  await folder.write('MT_Fray/Imgs/exp1_num_11276.jpg', '')
  await folder.write('MT_Fray/Imgs/exp1_num_99.png', '')
  const { products } = await readDataset(folder.path)
  const train = products[0]?.samples.filter((sample) => sample.split === 'train')
  expect(train?.map((sample) => sample.id)).toEqual(['MT_Free/Imgs/exp1_num_10181.jpg'])
  expect(products[0]?.samples.find((sample) => sample.defect === 'fray')?.maskPath).toBeNull()
  expect(products[0]?.masksWithoutImage).toEqual([folder.at('MT_Fray/Imgs/exp1_num_99.png')])
})

test('a commutator is good if its label is black; later items are for test, one without a label is unknown', async () => {
  await using folder = await createTestFolder()
  const draw = (value: number): Promise<Uint8Array> => encodePng(Uint8Array.of(value, 0), 2, 1, 1)
  for (const [name, value] of [
    ['kos35/Part7', 0],
    ['kos36/Part0', 0],
    ['kos1/Part1', 255],
  ] as const) {
    await folder.write(`${name}.jpg`, '')
    await folder.write(`${name}_label.bmp`, await draw(value))
  }
  await folder.write('kos01/Part3.jpg', '')
  await folder.write('kos01/Part4.jpg', '')
  await folder.write('kos01/Part4_label.bmp', 'no picture')
  await folder.write('kos01/Part5_label.bmp', await draw(0))
  const { products } = await readDataset(folder.path)
  const found = products[0]?.samples.map(({ id, split, label, maskPath }) => [id, split, label, maskPath])
  expect(found).toEqual([
    ['kos35/Part7.jpg', 'train', 'good', null],
    ['kos36/Part0.jpg', 'test', 'good', null],
    ['kos01/Part3.jpg', 'test', 'unknown', null],
    ['kos01/Part4.jpg', 'test', 'unknown', null],
    ['kos1/Part1.jpg', 'test', 'defect', folder.at('kos1/Part1_label.bmp')],
  ])
  expect(products[0]?.masksWithoutImage).toEqual([folder.at('kos01/Part5_label.bmp')])
})

test('files that the list of VisA names and that are not there are missed', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'visa', { products: ['pcb1'] })
  await rm(`${root}/pcb1/Data/Images/Normal/0001.JPG`)
  await rm(`${root}/pcb1/Data/Masks/Anomaly/001.png`)
  const { oddities } = await describeDataset(root, { products: ['pcb1'] })
  expect(oddities.find(({ code }) => code === 'UNREADABLE')?.examples).toEqual([
    'pcb1/Data/Images/Normal/0001.JPG',
    'pcb1/Data/Masks/Anomaly/001.png',
  ])
  expect(oddities[0]?.sentence).toBe('pcb1: 2 training images, 904 in VisA.')
})

test('VisA without its list is refused with where to get it', async () => {
  await using folder = await createTestFolder()
  await folder.write('candle/Data/Images/Normal/0000.JPG', '')
  await expect(readDataset(folder.path)).rejects.toThrow('split_csv/1cls.csv is missing')
})

test.each<[LayoutName, string]>([
  ['mtd', 'it has no folder MT_Free'],
  ['kolektorsdd', 'it has no folders kos01'],
  ['mvtec-ad', 'neither it nor the folders in it have train or test folders'],
  ['good-and-defects', 'it has no folder named good'],
  ['plain', 'it holds no images'],
  ['manifest', 'holds neither manifest.csv nor manifest.jsonl'],
])('data that is not %s is refused when told to be', async (layout, reason) => {
  await using folder = await createTestFolder()
  await folder.write('things/1.png', '')
  await expect(readDataset(folder.path, { layout })).rejects.toThrow(reason)
})

test('a layout that is told wins over what the names say', async () => {
  await using folder = await createTestFolder()
  await folder.write('good/1.png', '')
  await folder.write('rejects/2.png', '')
  await folder.write('3.png', '')
  expect((await readDataset(folder.path)).layout).toBe('good-and-defects')
  const told = await readDataset(folder.path, { layout: 'plain' })
  expect(told.products[0]?.samples.map((sample) => sample.id)).toEqual(['3.png'])
  const asProducts = await readDataset(folder.path, { layout: 'mvtec-ad' }).catch((e: unknown) => e)
  expect(asProducts).toMatchObject({ code: 'DATA_NOT_UNDERSTOOD' })
})

test('a product called ok or good is a product, and class folders are products if somebody says so', async () => {
  await using folder = await createTestFolder()
  for (const name of ['ok', 'shifted']) {
    await folder.write(`data/${name}/train/good/0.png`, '')
    await folder.write(`data/${name}/test/good/0.png`, '')
  }
  const dataset = await readDataset(folder.at('data'))
  expect(dataset.layout).toBe('products')
  expect(dataset.products.map(({ name, layout }) => [name, layout])).toEqual([
    ['ok', 'mvtec-ad'],
    ['shifted', 'mvtec-ad'],
  ])
  await folder.write('parts/good/0.png', '')
  await folder.write('parts/rejects/0.png', '')
  const told = await readDataset(folder.at('parts'), { layout: 'products' })
  expect(told.products.map(({ name, layout }) => [name, layout])).toEqual([
    ['good', 'plain'],
    ['rejects', 'plain'],
  ])
})
