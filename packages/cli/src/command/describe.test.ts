import { expect, test } from 'vitest'
import { createFakeCore, drawPart } from '../testing/fake-core.ts'
import { createTestFolder } from '@assay/core/testing/folder'
import { runCommandLine } from '../testing/host.ts'

const core = createFakeCore()

test('a folder is described with counts, sizes and what is odd about it', async () => {
  await using folder = await createTestFolder()
  for (let i = 0; i < 12; i++) await folder.write(`train/good/${i}.png`, await drawPart(20, 30 + i))
  await folder.write('train/good/cut.png', 'x')
  await folder.write('test/good/0.png', await drawPart(20, 30))
  await folder.write('test/dent/0.png', await drawPart(20, 200))
  const { code, out } = await runCommandLine(['data', 'describe', folder.path], { core })
  expect(code).toBe(0)
  expect(out).toMatch(/learn from +13 good/)
  expect(out).toMatch(/test +1 good, 1 defect/)
  expect(out).toMatch(/defects +dent 1 \(0 masks\)/)
  expect(out).toMatch(/sizes +24 x 16/)
  expect(out).toContain('Worth a look:')
  expect(out).toContain('cut.png')
})

test('the JSON of a description is one document', async () => {
  await using folder = await createTestFolder()
  await folder.write('a.png', await drawPart(20, 30))
  const { out } = await runCommandLine(['data', 'describe', folder.path, '--json', '--quiet'], { core })
  expect(JSON.parse(out)).toMatchObject({
    root: folder.path,
    layout: 'plain',
    products: [{ counts: { train: { good: 1 } } }],
  })
})

test('a folder that is not there is named', async () => {
  const { code, err } = await runCommandLine(['data', 'describe', '/nowhere/parts'], { core })
  expect(code).toBe(66)
  expect(err).toContain('There is no folder at /nowhere/parts.')
})

test('data that is read as told says so, and a list is data too', async () => {
  await using folder = await createTestFolder()
  await folder.write('1.png', await drawPart(20, 30))
  await folder.write('good/2.png', await drawPart(20, 31))
  const list = await folder.write('list.csv', 'image,split,condition\n1.png,train,lamp 1\n')
  const plain = await runCommandLine(['data', 'describe', folder.path, '--layout', 'plain'], { core })
  expect(plain.out).toContain('A plain folder of good images')
  expect(plain.out).toContain('Taken for that because that was asked for.')
  const listed = await runCommandLine(['data', 'describe', list], { core })
  expect(listed.out).toContain('Taken for that because list.csv lists its images.')
  expect(listed.out).toMatch(/conditions +lamp 1 1/)
  const wrong = await runCommandLine(['data', 'describe', list, '--layout', 'vis'], { core })
  expect(wrong.code).toBe(64)
  expect(wrong.err).toContain('perhaps "visa"')
})

test('a copy that lacks products of a published dataset names them, and that is no error', async () => {
  await using folder = await createTestFolder()
  for (const product of ['bottle', 'cable']) {
    await folder.write(`${product}/train/good/000.png`, await drawPart(20, 30))
  }
  const { code, out } = await runCommandLine(['data', 'describe', folder.path], { core })
  expect(code).toBe(0)
  expect(out).toContain('Taken for that because its folders are named bottle and cable.')
  expect(out).toContain('Its counts are not those of MVTec AD')
  expect(out).toContain('13 of the 15 products of MVTec AD are missing')
  expect(out).toContain('bottle: 1 training image, 209 in MVTec AD.')
})
