import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { compareNatural, type Dataset, readDataset } from './index.ts'

const made: string[] = []

afterEach(async () => {
  await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true })))
})

/** A temporary folder with empty files at these paths; a path that ends in a slash is a folder. */
async function makeTree(...paths: string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'assay-dataset-'))
  made.push(root)
  for (const path of paths) {
    const target = join(root, path)
    if (path.endsWith('/')) await mkdir(target, { recursive: true })
    else {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, '')
    }
  }
  return root
}

/** `split/label[/defect] id [mask]` for each sample, the root cut off. */
function listSamples(dataset: Dataset): string[] {
  return dataset.products.flatMap((product) =>
    product.samples.map(({ split, label, defect, id, maskPath }) => {
      const what = defect === null ? label : `${label}/${defect}`
      return [
        `${split}/${what}`,
        id,
        ...(maskPath === null ? [] : [maskPath.slice(dataset.root.length + 1)]),
      ].join(' ')
    }),
  )
}

test('names sort as people count, and digits of any length compare as numbers', () => {
  const names = [
    'b',
    'a10',
    'a9',
    'a009',
    'a',
    'a9b',
    'B',
    '10',
    '9',
    'a18446744073709551617',
    'a18446744073709551616',
  ]
  expect(names.sort(compareNatural)).toEqual([
    '9',
    '10',
    'B',
    'a',
    'a009',
    'a9',
    'a9b',
    'a10',
    'a18446744073709551616',
    'a18446744073709551617',
    'b',
  ])
})

test('natural order is a strict order: different names never tie, and it is transitive', () => {
  const name = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'b', '_', 'é'), maxLength: 6 })
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(compareNatural(a, b) === 0).toBe(a === b)
      expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) + 0)
      if (compareNatural(a, b) < 0 && compareNatural(b, c) < 0) expect(compareNatural(a, c)).toBeLessThan(0)
    }),
    { numRuns: 1000 },
  )
})

test('the MVTec AD layout of one product is read with both mask names', async () => {
  const root = await makeTree(
    'train/good/2.png',
    'train/good/10.png',
    'validation/good/0.png',
    'test/good/0.png',
    'test/crack/0.png',
    'test/crack/1.jpg',
    'test/hole/0.png',
    'ground_truth/crack/0_mask.png',
    'ground_truth/crack/1.png',
  )
  const dataset = await readDataset(root)
  expect(dataset.layout).toBe('mvtec-ad')
  expect(listSamples(dataset)).toEqual([
    'train/good train/good/2.png',
    'train/good train/good/10.png',
    'validation/good validation/good/0.png',
    'test/good test/good/0.png',
    'test/defect/crack test/crack/0.png ground_truth/crack/0_mask.png',
    'test/defect/crack test/crack/1.jpg ground_truth/crack/1.png',
    'test/defect/hole test/hole/0.png',
  ])
  expect(dataset.products[0]?.masksWithoutImage).toEqual([])
})

test('the MVTec AD 2 layout is read: masks inside test_public, private images without a label', async () => {
  const root = await makeTree(
    'can/train/good/000_regular.png',
    'can/test_public/good/000_regular.png',
    'can/test_public/bad/000_regular.png',
    'can/test_public/ground_truth/bad/000_regular_mask.png',
    'can/test_private/000_regular.png',
    'can/test_private_mixed/000_mixed.png',
  )
  expect(listSamples(await readDataset(root))).toEqual([
    'train/good can/train/good/000_regular.png',
    'test/good can/test_public/good/000_regular.png',
    'test/unknown can/test_private/000_regular.png',
    'test/unknown can/test_private_mixed/000_mixed.png',
    'test/defect/bad can/test_public/bad/000_regular.png can/test_public/ground_truth/bad/000_regular_mask.png',
  ])
})

test('a plain folder of images is all good and all for training', async () => {
  const root = await makeTree('b.PNG', 'a.tif', 'c.webp', 'd.JPEG', 'e.bmp')
  const dataset = await readDataset(root)
  expect(dataset.layout).toBe('plain')
  expect(listSamples(dataset).map((line) => line.split(' ')[0])).toEqual(
    Array.from({ length: 5 }, () => 'train/good'),
  )
  expect(dataset.products[0]?.name).toMatch(/^assay-dataset-/)
})

test('good/ with defect folders holds out every fifth good image, so training and test share no file', async () => {
  const root = await makeTree(
    ...Array.from({ length: 11 }, (_, i) => `good/${i + 1}.png`),
    'scratch/1.png',
    'masks/scratch/1.png',
    'dent/7.png',
    'dent/7_mask.png',
  )
  const dataset = await readDataset(root)
  expect(dataset.layout).toBe('good-and-defects')
  expect(dataset.products[0]?.heldOut).toBe(2)
  const lines = listSamples(dataset)
  expect(lines.filter((line) => line.startsWith('train'))).toHaveLength(9)
  expect(lines.slice(9)).toEqual([
    'test/good good/5.png',
    'test/good good/10.png',
    'test/defect/dent dent/7.png dent/7_mask.png',
    'test/defect/scratch scratch/1.png masks/scratch/1.png',
  ])
})

test('images added at the end leave the earlier held-out images as they were', async () => {
  const name = (i: number): string => `good/${i}.png`
  const before = await makeTree('bad/0.png', ...Array.from({ length: 12 }, (_, i) => name(i)))
  const after = await makeTree('bad/0.png', ...Array.from({ length: 23 }, (_, i) => name(i)))
  const held = async (root: string): Promise<string[]> =>
    listSamples(await readDataset(root)).filter((line) => line.startsWith('test/good'))
  expect((await held(after)).slice(0, 2)).toEqual(await held(before))
})

test('nothing is held out where there is nothing to evaluate against, or where a test split exists', async () => {
  const goodOnly = await readDataset(await makeTree(...Array.from({ length: 10 }, (_, i) => `good/${i}.png`)))
  expect(goodOnly.products[0]).toMatchObject({ layout: 'good-and-defects', heldOut: 0 })
  const withTest = await readDataset(
    await makeTree(
      ...Array.from({ length: 10 }, (_, i) => `good/${i}.png`),
      'test/good/0.png',
      'test/bad/0.png',
    ),
  )
  expect(withTest.products[0]?.heldOut).toBe(0)
  expect(listSamples(withTest).filter((line) => line.startsWith('train'))).toHaveLength(10)
})

test('a folder of products takes each in its own layout, past images and folders beside them', async () => {
  const root = await makeTree(
    'part10/train/good/0.png',
    'part2/good/0.png',
    'part2/bad/0.png',
    'part3/0.png',
    'overview.png',
    'papers/readme.pdf',
    'notes.txt',
    '.DS_Store',
  )
  const dataset = await readDataset(root)
  expect(dataset.layout).toBe('products')
  expect(dataset.products.map(({ name, layout }) => [name, layout])).toEqual([
    ['part2', 'good-and-defects'],
    ['part3', 'plain'],
    ['part10', 'mvtec-ad'],
  ])
  expect(dataset.ignored).toEqual({
    hidden: 1,
    notImages: 1,
    strayImages: [join(root, 'overview.png')],
    folders: [join(root, 'papers')],
    links: [],
  })
})

test('images beside plain folders are the good ones, and the folders are reported, not used', async () => {
  const root = await makeTree('1.png', '2.png', 'rejects/3.png')
  const dataset = await readDataset(root)
  expect(dataset.layout).toBe('plain')
  expect(listSamples(dataset)).toHaveLength(2)
  expect(dataset.products[0]?.ignored.folders).toEqual([join(root, 'rejects')])
})

test('hidden files, AppleDouble twins and other files are counted and never samples', async () => {
  const root = await makeTree(
    'train/good/1.png',
    'train/good/._1.png',
    'train/good/Thumbs.db',
    'train/good/.cache/',
  )
  const [product] = (await readDataset(root)).products
  expect(product?.samples).toHaveLength(1)
  expect(product?.ignored).toMatchObject({ hidden: 2, notImages: 1 })
})

test('links to folders and files are followed, broken ones and loops are reported', async () => {
  const store = await makeTree('images/1.png', 'images/2.png')
  const root = await makeTree('cap/train/good/')
  await symlink(join(store, 'images/1.png'), join(root, 'cap/train/good/1.png'))
  await symlink(join(store, 'gone.png'), join(root, 'cap/train/good/gone.png'))
  await symlink(store, join(root, 'linked'))
  await symlink(join(store, 'images'), join(root, 'plain'))
  await symlink(root, join(root, 'loop'))
  const dataset = await readDataset(root)
  expect(dataset.products.map((product) => product.name)).toEqual(['cap', 'plain'])
  expect(dataset.products.map((product) => product.samples.length)).toEqual([1, 2])
  expect(dataset.products[0]?.ignored.links).toEqual([join(root, 'cap/train/good/gone.png')])
  expect(dataset.ignored.links).toEqual([join(root, 'loop')])
  expect(dataset.ignored.folders).toEqual([join(root, 'linked')])
})

test('masks in one flat folder are matched unless two defects share the name', async () => {
  const root = await makeTree(
    'good/0.png',
    'a/1.png',
    'b/1.png',
    'b/2.png',
    'masks/1.png',
    'masks/2.png',
    'masks/9.png',
  )
  const dataset = await readDataset(root)
  expect(listSamples(dataset).slice(1)).toEqual([
    'test/defect/a a/1.png',
    'test/defect/b b/1.png',
    'test/defect/b b/2.png masks/2.png',
  ])
  expect(dataset.products[0]?.masksWithoutImage).toEqual([
    join(root, 'masks/1.png'),
    join(root, 'masks/9.png'),
  ])
})

test('black masks of good images are claimed but say nothing', async () => {
  const root = await makeTree('test/good/1.png', 'ground_truth/good/1_mask.png')
  const dataset = await readDataset(root)
  expect(listSamples(dataset)).toEqual(['test/good test/good/1.png'])
  expect(dataset.products[0]?.masksWithoutImage).toEqual([])
})

test('folder names are known in any case', async () => {
  const root = await makeTree(
    'Train/Good/1.png',
    'TEST/Good/1.png',
    'TEST/Dent/1.png',
    'Ground_Truth/Dent/1_mask.png',
  )
  expect(listSamples(await readDataset(root))).toEqual([
    'train/good Train/Good/1.png',
    'test/good TEST/Good/1.png',
    'test/defect/Dent TEST/Dent/1.png Ground_Truth/Dent/1_mask.png',
  ])
})

test('a train folder without good/ is read as good, and its other folders are left out', async () => {
  const root = await makeTree('train/1.png', 'train/extra/2.png', 'test/3.png')
  const dataset = await readDataset(root)
  expect(listSamples(dataset)).toEqual(['train/good train/1.png', 'test/unknown test/3.png'])
  expect(dataset.products[0]?.ignored.folders).toEqual([join(root, 'train/extra')])
})

test('only the products asked for are read, and a slip of the pen gets a suggestion', async () => {
  const root = await makeTree('bottle/good/1.png', 'cable/good/1.png')
  const dataset = await readDataset(root, { products: ['cable'] })
  expect(dataset.products.map((product) => product.name)).toEqual(['cable'])
  await expect(readDataset(root, { products: ['botle'] })).rejects.toMatchObject({
    code: 'PRODUCT_UNKNOWN',
    hint: 'Did you mean "bottle"? Products: bottle, cable.',
  })
  const single = join(root, 'bottle')
  await expect(readDataset(single, { products: ['cable'] })).rejects.toMatchObject({
    code: 'PRODUCT_UNKNOWN',
  })
})

test('a path that is missing, a file, or without images is refused with the reason', async () => {
  const root = await makeTree('empty/', 'deep/er/est/1.png', 'file.txt')
  await expect(readDataset(join(root, 'gone'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' })
  await expect(readDataset(join(root, 'file.txt'))).rejects.toThrow('it is a file, not a folder')
  await expect(readDataset(join(root, 'empty'))).rejects.toThrow('it holds no images')
  await expect(readDataset(root)).rejects.toThrow('neither it nor the folders in it hold images')
})
