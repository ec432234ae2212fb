import { readdir } from 'node:fs/promises'
import { describeDataset } from '@assay/core'
import { createTestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import { createFakeCore } from '../testing/fake-core.ts'
import { createTestHost, runCommandLine } from '../testing/host.ts'
import { run } from '../run.ts'

const core = createFakeCore()
const few = ['--good', '2', '--test', '1', '--defects', '1', '--size', '64x48']

test('what was drawn is said by product and kind, and is read back as that', async () => {
  await using folder = await createTestFolder()
  const argv = ['data', 'synthesise', folder.at('new'), '--product', 'wood,fabric', '--kinds', 'crack,stain']
  const { code, out } = await runCommandLine([...argv, ...few], { core })
  expect(code).toBe(0)
  const [first, ...rest] = out.split('\n')
  expect(first).toMatch(
    /new: 9 made-up pictures of 64 x 48 and 3 masks \(.* kB\) in the MVTec AD layout, seed 0\.$/,
  )
  expect(rest).toEqual([
    '',
    'product  training  good  defects  kinds',
    'wood            2     1        2  crack, stain',
    'fabric          2     1        1  stain',
    '',
  ])
  const { products } = await describeDataset(folder.at('new'))
  expect(products.map(({ name, counts }) => [name, counts.train.good, counts.test.defect])).toEqual([
    ['fabric', 2, 1],
    ['wood', 2, 2],
  ])
})

test('the JSON is one document with every count', async () => {
  await using folder = await createTestFolder()
  const argv = [
    'data',
    'synthesise',
    folder.at('new'),
    '--product',
    'metal',
    '--kinds',
    'missing',
    '--seed',
    '7',
  ]
  const { out } = await runCommandLine([...argv, ...few, '--json', '--quiet'], { core })
  expect(JSON.parse(out)).toMatchObject({
    folder: folder.at('new'),
    layout: 'mvtec-ad',
    width: 64,
    height: 48,
    seed: 7,
    images: 4,
    masks: 1,
    products: [{ name: 'metal', train: 2, testGood: 1, defects: [{ name: 'missing', images: 1 }] }],
  })
})

test('a folder with something in it is left alone', async () => {
  await using folder = await createTestFolder()
  await folder.write('letter.txt', 'dear')
  const { code, err } = await runCommandLine(['data', 'synthesise', folder.path, ...few], { core })
  expect(code).toBe(73)
  expect(err).toContain("is not Assay's to overwrite")
  expect(await readdir(folder.path)).toEqual(['letter.txt'])
})

test.each([
  [['--product', 'metl'], '"metl" is not valid for --product: it is one of fabric, metal'],
  [['--product', 'metl'], 'perhaps "metal"'],
  [['--kinds', 'dent'], '"dent" is not valid for --kinds: it is one of scratch, crack'],
  [['--product', 'wood', '--kinds', 'missing'], 'wood can have none of them, but scratch, crack'],
  [['--product', 'metal', '--kinds', 'crack,thread-pull'], 'metal cannot have "thread-pull"'],
  [['--size', '512'], 'width x height such as 2448x2048'],
  [['--size', '512x40'], 'from 48 a side'],
  [['--size', '9000x9000'], 'to 25 million pixels'],
  [['--good', '-1'], '"-1" is not valid for --good'],
  [['--seed', 'one'], '"one" is not valid for --seed'],
  [['--layout', 'visa'], 'it is one of mvtec-ad'],
])('an option that does not fit is refused before anything is made: %j', async (options, sentence) => {
  await using folder = await createTestFolder()
  const { code, err } = await runCommandLine(['data', 'synthesise', folder.at('new'), ...options], { core })
  expect(err).toContain(sentence)
  expect(code).toBe(64)
  expect(await readdir(folder.path)).toEqual([])
})

test('a drawing that is stopped says that nothing of it is left', async () => {
  await using folder = await createTestFolder()
  const host = createTestHost(['data', 'synthesise', folder.at('new'), ...few], { core })
  host.controller.abort()
  expect(await run(host)).toBe(130)
  expect(host.printed.err).toContain('What it had drawn was removed')
})
