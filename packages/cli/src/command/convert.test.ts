import { readdir } from 'node:fs/promises'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import { createFakeCore } from '../testing/fake-core.ts'
import { createTestHost, runCommandLine } from '../testing/host.ts'
import { run } from '../run.ts'

const core = createFakeCore()

/** Three images with a list. */
async function writeList(folder: TestFolder): Promise<string> {
  for (const name of ['1.png', '2.png', 'm.png']) await folder.write(name, name)
  return folder.write(
    'list.csv',
    'image,split,label,mask,product,condition\n1.png,train,,,cap,dark\n2.png,test,dent,m.png,cap,',
  )
}

test('a conversion says what became of how many files', async () => {
  await using folder = await createTestFolder()
  const argv = ['data', 'convert', 'manifest', await writeList(folder), folder.at('new')]
  const { code, out } = await runCommandLine(argv, { core })
  expect(code).toBe(0)
  expect(out).toBe(
    [
      `${folder.at('new')}: 3 files (15 bytes) of ${folder.at('list.csv')} in the MVTec AD layout, copied byte for byte.`,
      '',
      'product  images  masks',
      'cap           2      1',
      '',
      '1 image had a condition, which this layout has no place for.',
      '',
    ].join('\n'),
  )
})

test('the JSON of a conversion is one document', async () => {
  await using folder = await createTestFolder()
  const argv = ['data', 'convert', 'manifest', await writeList(folder), folder.at('new'), '--link', '--json']
  const { out } = await runCommandLine(argv, { core })
  expect(JSON.parse(out)).toMatchObject({
    layout: 'manifest',
    isLinked: true,
    products: [{ name: 'cap', images: 2, masks: 1 }],
  })
})

test('a folder that is there is refused', async () => {
  await using folder = await createTestFolder()
  const argv = ['data', 'convert', 'manifest', await writeList(folder), folder.path]
  const { code, err } = await runCommandLine(argv, { core })
  expect(code).toBe(73)
  expect(err).toContain('exists already')
})

test.each([
  ['vissa', 'perhaps "visa"'],
  ['mvtec-ad', 'it is in the MVTec AD layout already'],
])('the layout "%s" is refused with those that can be converted', async (layout, words) => {
  const { code, err } = await runCommandLine(['data', 'convert', layout, 'a', 'b'], { core })
  expect(code).toBe(64)
  expect(err).toContain(words)
  expect(err).toContain('kolektorsdd')
})

test('a conversion that is stopped leaves nothing behind and says so', async () => {
  await using folder = await createTestFolder()
  const argv = ['data', 'convert', 'manifest', await writeList(folder), folder.at('new')]
  const host = createTestHost(argv, { core })
  host.controller.abort()
  expect(await run(host)).toBe(130)
  expect(host.printed.err).toContain('Nothing was left behind')
  expect(await readdir(folder.path)).not.toContain('new')
})
