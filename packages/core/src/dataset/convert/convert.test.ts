import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { createTestFolder } from '../../testing/folder.ts'
import { convertDataset, type Dataset, type LayoutName, readDataset } from '../index.ts'
import { listMaskFiles } from '../mask.ts'
import { writeMiniature } from '../testing/miniature.ts'

/** Files below a folder, sorted. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort()
}

/** Sums of images with those of their masks, by split and label: what has to survive. */
async function sumContent(dataset: Dataset): Promise<string[]> {
  const sum = async (path: string | null): Promise<string> => {
    const hash = createHash('sha256')
    // A mask may be a folder.
    for (const file of path === null ? [] : await listMaskFiles(path)) hash.update(await readFile(file))
    return path === null ? '-' : hash.digest('hex')
  }
  const samples = dataset.products.flatMap((product) => product.samples)
  return (
    await Promise.all(
      samples.map(async ({ product, split, label, defect, path, maskPath }) =>
        [product, split, label, defect, await sum(path), await sum(maskPath)].join(' '),
      ),
    )
  ).sort()
}

test('VisA becomes what its authors’ converter makes of it, with masks as they are', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'visa')
  const to = folder.at('new/visa')
  const conversion = await convertDataset(root, to, { layout: 'visa' })
  expect(conversion).toMatchObject({ layout: 'visa', isLinked: false, conditionsLost: 0 })
  expect(conversion.products[0]).toEqual({ name: 'candle', images: 8, masks: 2 })
  const files = await listFiles(to)
  expect(files.filter((file) => file.startsWith('candle'))).toEqual([
    'candle/ground_truth/bad/000_mask.png',
    'candle/ground_truth/bad/001_mask.png',
    'candle/test/bad/000.JPG',
    'candle/test/bad/001.JPG',
    'candle/test/good/0003.JPG',
    'candle/test/good/0004.JPG',
    'candle/test/good/0005.JPG',
    'candle/train/good/0000.JPG',
    'candle/train/good/0001.JPG',
    'candle/train/good/0002.JPG',
  ])
  const sizes = await Promise.all(files.map(async (file) => (await stat(`${to}/${file}`)).size))
  expect(conversion.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
  expect((await readDataset(to)).layout).toBe('visa-mvtec')
})

test.each<LayoutName>(['visa', 'btad', 'mtd', 'kolektorsdd'])(
  'converting %s changes no byte, no split, no label and no mask',
  async (layout) => {
    await using folder = await createTestFolder()
    const root = await writeMiniature(folder, layout)
    const to = folder.at('converted')
    await convertDataset(root, to, { layout })
    expect(await sumContent(await readDataset(to))).toEqual(await sumContent(await readDataset(root)))
  },
)

test.each<LayoutName>(['mvtec-ad', 'mvtec-ad-2', 'mvtec-loco', 'visa-mvtec', 'mpdd', 'itdd', 'wfdd'])(
  '%s as a list, and back in folders, is what it was',
  async (layout) => {
    await using folder = await createTestFolder()
    const dataset = await readDataset(await writeMiniature(folder, layout))
    expect(dataset.layout).toBe(layout)
    const rows = dataset.products.flatMap(({ samples }) =>
      samples.map(({ path, product, split, label, defect, maskPath, condition }) =>
        JSON.stringify({ image: path, product, split, label: defect ?? label, mask: maskPath, condition }),
      ),
    )
    const list = await folder.write('list.jsonl', rows.join('\n'))
    await convertDataset(list, folder.at('converted'), { layout: 'manifest' })
    const back = await readDataset(folder.at('converted'), { layout: 'mvtec-ad' })
    expect(await sumContent(back)).toEqual(await sumContent(dataset))
  },
)

test('stems of MVTec AD 2 that good and bad share keep their pictures and masks apart', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'mvtec-ad-2', { products: ['can', 'vial'] })
  const { products } = await readDataset(root)
  const test = products[0]?.samples.filter(({ split, label }) => split === 'test' && label !== 'unknown')
  const at = (path: string): string => folder.at('data/can/test_public', path)
  expect(test?.map(({ path, maskPath, condition }) => [path, maskPath, condition])).toEqual([
    [at('good/000_overexposed.png'), null, 'overexposed'],
    [at('good/000_regular.png'), null, 'regular'],
    [at('good/000_underexposed.png'), null, 'underexposed'],
    [at('bad/000_overexposed.png'), at('ground_truth/bad/000_overexposed_mask.png'), 'overexposed'],
    [at('bad/000_regular.png'), at('ground_truth/bad/000_regular_mask.png'), 'regular'],
  ])
})

test('folders of good and bad images keep every label and mask, with stems that all of them share', async () => {
  await using folder = await createTestFolder()
  const parts: Record<string, readonly string[]> = {
    // A mask folder per defect, and masks without a suffix.
    'data/cap': ['good/1.png', 'dent/1.png', 'scratch/1.png', 'masks/dent/1.png', 'masks/scratch/1_mask.png'],
    // Masks beside the images.
    'data/ring': ['ok/1.jpg', 'ok/2.jpg', 'ok/3.jpg', 'ok/4.jpg', 'ok/5.jpg', 'cut/1.jpg', 'cut/1_mask.png'],
    // One that is in the MVTec AD layout already, with names as in the others.
    'data/lid': ['train/good/1.png', 'test/good/1.png', 'test/cut/1.png', 'ground_truth/cut/1_mask.png'],
    'data/nut': ['1.png', '2.png'],
  }
  for (const [product, files] of Object.entries(parts))
    for (const file of files) await folder.write(`${product}/${file}`, `${product}/${file}`)
  const cases: [LayoutName, string][] = [
    ['products', 'data'],
    ['good-and-defects', 'data/cap'],
    ['good-and-defects', 'data/ring'],
    ['plain', 'data/nut'],
  ]
  for (const [i, [layout, from]] of cases.entries()) {
    const dataset = await readDataset(folder.at(from))
    expect(dataset.layout).toBe(layout)
    await convertDataset(folder.at(from), folder.at(`new${i}`), { layout })
    const back = await readDataset(folder.at(`new${i}`), { layout: 'mvtec-ad' })
    expect(await sumContent(back)).toEqual(await sumContent(dataset))
  }
  const { products } = await readDataset(folder.at('data'))
  expect(products.flatMap(({ samples }) => samples).filter(({ maskPath }) => maskPath !== null)).toHaveLength(
    4,
  )
})

test('names that would be alike get the folders above them', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'kolektorsdd', { counts: 'few' })
  await folder.write('data/kos02/Part0.jpg', 'x')
  const label = await readFile(`${root}/kos01/Part4_label.bmp`)
  await folder.write('data/kos02/Part4.jpg', 'x')
  await folder.write('data/kos02/Part4_label.bmp', label)
  const to = folder.at('converted')
  await convertDataset(root, to, { layout: 'kolektorsdd' })
  expect((await listFiles(to)).filter((file) => !file.includes('train'))).toEqual([
    'kolektorsdd/ground_truth/crack/kos01_Part3_mask.bmp',
    'kolektorsdd/ground_truth/crack/kos01_Part4_mask.bmp',
    'kolektorsdd/ground_truth/crack/kos02_Part4_mask.bmp',
    'kolektorsdd/test/Part0.jpg',
    'kolektorsdd/test/crack/kos01_Part3.jpg',
    'kolektorsdd/test/crack/kos01_Part4.jpg',
    'kolektorsdd/test/crack/kos02_Part4.jpg',
  ])
})

test('a list becomes folders; conditions are counted as lost', async () => {
  await using folder = await createTestFolder()
  for (const name of ['a/1.png', 'b/1.png', 'b/2.png', 'm.png']) await folder.write(name, name)
  const list = await folder.write(
    'list.csv',
    'image,split,label,mask,product,condition\na/1.png,train,,,cap,dark\nb/1.png,train,,,cap,\nb/2.png,test,dent,m.png,cap,dark',
  )
  const conversion = await convertDataset(list, folder.at('new'), { layout: 'manifest' })
  expect(conversion.conditionsLost).toBe(2)
  expect(await listFiles(folder.at('new'))).toEqual([
    'cap/ground_truth/dent/2_mask.png',
    'cap/test/dent/2.png',
    'cap/train/good/a_1.png',
    'cap/train/good/b_1.png',
  ])
  expect(await readFile(folder.at('new/cap/ground_truth/dent/2_mask.png'), 'utf8')).toBe('m.png')
})

test('linked files take no room: they are the same file, past symbolic links', async () => {
  await using folder = await createTestFolder()
  const original = await folder.write('store/1.png', 'x')
  await folder.write('parts/good/2.png', 'y')
  await symlink(original, folder.at('parts/good/1.png'))
  await convertDataset(folder.at('parts'), folder.at('new'), { link: true })
  const linked = await stat(folder.at('new/parts/train/good/1.png'))
  expect(linked.ino).toBe((await stat(original)).ino)
})

test('what is there is never overwritten, not even an empty folder', async () => {
  await using folder = await createTestFolder()
  await folder.write('parts/good/1.png', 'x')
  await folder.write('taken/.keep', '')
  await rm(folder.at('taken/.keep'))
  await expect(convertDataset(folder.at('parts'), folder.at('taken'))).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
  })
  expect(await readdir(folder.at('taken'))).toEqual([])
})

test('the new folder cannot lie in the old one', async () => {
  await using folder = await createTestFolder()
  await folder.write('parts/good/1.png', 'x')
  await expect(convertDataset(folder.at('parts'), folder.at('parts/new'))).rejects.toThrow(
    'it lies in the folder that it is made from',
  )
})

test('a file that is missing or a stop leaves nothing behind', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'visa', { products: ['pcb1'] })
  await rm(`${root}/pcb1/Data/Images/Anomaly/001.JPG`)
  const to = folder.at('converted')
  await expect(convertDataset(root, to)).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    params: { path: `${root}/pcb1/Data/Images/Anomaly/001.JPG` },
  })
  const stop = new AbortController()
  const options = { signal: stop.signal, onProgress: () => stop.abort() }
  await expect(convertDataset(root, to, options)).rejects.toThrow('aborted')
  expect(await readdir(dirname(root))).toEqual(['data'])
})

test.each([
  ['product', '../up'],
  ['product', '.hidden'],
  ['label', 'a/b'],
  ['label', 'ok'],
  ['label', 'masks'],
])('a list with the %s "%s" cannot become folders', async (column, name) => {
  await using folder = await createTestFolder()
  await folder.write('1.png', 'x')
  const cells = column === 'label' ? `${name},cap` : `dent,${name}`
  const list = await folder.write('list.csv', `image,split,label,product\n1.png,test,${cells}`)
  await expect(convertDataset(list, folder.at('new'))).rejects.toThrow(`"${name}"`)
  expect((await readdir(folder.path)).sort()).toEqual(['1.png', 'list.csv'])
})

test('a dataset that would not be understood afterwards is refused', async () => {
  await using folder = await createTestFolder()
  await folder.write('7.png', 'x')
  await folder.write('7_mask.png', 'x')
  const list = await folder.write('list.csv', 'image,split\n7.png,train\n7_mask.png,train')
  await expect(convertDataset(list, folder.at('new'))).rejects.toThrow(
    'would not be understood as it is here',
  )
  expect(await readdir(folder.path)).not.toContain('new')
})
