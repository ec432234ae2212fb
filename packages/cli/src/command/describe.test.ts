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
