import { expect, test } from 'vitest'
import { createTestFolder } from '../../testing/folder.ts'
import { describeDataset, readDataset } from '../index.ts'

test('a list gives split, label, product, mask and condition, and paths are below its folder', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write(
    'lists/parts.csv',
    [
      'image,product,split,label,mask,condition',
      'a/1.png,cap,train,good,,lamp 1',
      'a/2.png,cap,validation,,,',
      '"a/3, new.png",cap,test,scratch,m/3.png,lamp 2',
      '/elsewhere/4.png,cap,test,,,',
      'a/5.png,lid,test,good,,',
      '',
    ].join('\r\n'),
  )
  const dataset = await readDataset(path)
  expect(dataset).toMatchObject({ layout: 'manifest', because: 'parts.csv lists its images' })
  expect(dataset.products.map((product) => product.name)).toEqual(['cap', 'lid'])
  expect(dataset.products[0]?.samples).toEqual([
    {
      id: 'a/1.png',
      path: folder.at('lists/a/1.png'),
      product: 'cap',
      split: 'train',
      label: 'good',
      defect: null,
      maskPath: null,
      condition: 'lamp 1',
    },
    expect.objectContaining({ split: 'validation', label: 'good', condition: null }),
    expect.objectContaining({ id: '/elsewhere/4.png', path: '/elsewhere/4.png', label: 'unknown' }),
    expect.objectContaining({
      id: 'a/3, new.png',
      label: 'defect',
      defect: 'scratch',
      maskPath: folder.at('lists/m/3.png'),
    }),
  ])
})

test('lines of JSON say the same, and a folder with manifest.jsonl is read by it', async () => {
  await using folder = await createTestFolder()
  await folder.write(
    'parts/manifest.jsonl',
    '{"image": "1.png", "split": "train"}\n\n{"image": "2.png", "split": "test", "label": "dent", "mask": null}\n',
  )
  await folder.write('parts/train/good/9.png', '')
  const { layout, products } = await readDataset(folder.at('parts'))
  expect(layout).toBe('manifest')
  expect(products[0]?.name).toBe('parts')
  expect(products[0]?.samples.map(({ id, label }) => `${id} ${label}`)).toEqual([
    '1.png good',
    '2.png defect',
  ])
})

test.each([
  ['image,split\n1.png,train\n2.png,training', 3, 'split', '"training" is none of train, validation, test'],
  ['image,split\n../1.png,train', 2, 'image', '"../1.png" leads out of the folder of the list'],
  ['image,split,mask\n1.png,test,../m.png', 2, 'mask', 'leads out of the folder'],
  ['image,split\n,train', 2, 'image', 'it is empty'],
  ['image\n1.png', 2, 'split', 'it is empty'],
  ['image,split,label\n1.png,train,scratch', 2, 'label', '"scratch" cannot be learned from'],
  ['image,split,label,mask\n1.png,test,good,m.png', 2, 'mask', 'only an image with a defect has a mask'],
  ['image,split\n1.png,train\n./1.png,test', 3, 'image', 'it is on line 2 already'],
  ['image,split,lable\n1.png,test,dent', 2, 'lable', 'did you mean "label"?'],
  ['image,split,image\n1.png,test,2.png', 1, 'image', 'the column is there twice'],
  ['image,split\n1.png', 2, null, 'the first line names 2 columns, this one has 1'],
  ['image,split\n"1.png,train', 2, null, 'a quote is not closed'],
  ['image,split\n', 1, null, 'the list is empty'],
])('a list that does not fit is refused with line and column: %j', async (text, line, column, reason) => {
  await using folder = await createTestFolder()
  const path = await folder.write('list.csv', text)
  await expect(readDataset(path)).rejects.toMatchObject({
    code: 'DATA_LIST_INVALID',
    params: { path, line, column, reason: expect.stringContaining(reason) },
  })
})

test.each([
  [
    '{"image": "1.png", "split": "train"}\n{"image": 2, "split": "train"}',
    2,
    'image',
    'neither text nor null',
  ],
  ['\n["1.png"]', 2, null, 'it is no JSON object'],
  ['{"image": ', 1, null, 'JSON'],
])('a line of JSON that does not fit is refused with its number: %j', async (text, line, column, reason) => {
  await using folder = await createTestFolder()
  const path = await folder.write('list.jsonl', text)
  await expect(readDataset(path)).rejects.toMatchObject({
    params: { path, line, column, reason: expect.stringContaining(reason) },
  })
})

test('the message names file, line and column', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('list.csv', 'image,split\n1.png,x')
  await expect(readDataset(path)).rejects.toThrow(
    `${path}, line 2, column "split": "x" is none of train, validation, test.`,
  )
})

test('images that are listed and not there are named below the folder of the list', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('list.csv', 'image,split\na/1.png,train\n/nowhere/2.png,test')
  const { understood, oddities } = await describeDataset(path)
  expect(understood).toBe('a list of images: 1 product.')
  expect(oddities[0]).toMatchObject({ code: 'UNREADABLE', examples: ['/nowhere/2.png', 'a/1.png'] })
})

test('only products of the list can be asked for', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('list.csv', 'image,split,product\n1.png,train,cap\n2.png,train,lid')
  expect((await readDataset(path, { products: ['lid'] })).products).toHaveLength(1)
  await expect(readDataset(path, { products: ['cup'] })).rejects.toThrow('There is no product "cup" here.')
})
