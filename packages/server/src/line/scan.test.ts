import { createTestFolder } from '@assay/core/testing/folder'
import { mkdir, symlink, utimes } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { confineFolder } from './confine.ts'
import { createSettling, scanFolder } from './scan.ts'

test('a file that grows is not finished until it has stayed as it is for long enough', () => {
  const settling = createSettling(1000)
  const at = (size: number) => [{ path: 'a.png', place: '/a.png', stamp: `${size} 1`, modifiedMs: 1 }]
  expect(settling.settled(at(10), 0)).toEqual([])
  expect(settling.settled(at(20), 1000)).toEqual([])
  expect(settling.settled(at(20), 1900)).toEqual([])
  expect(settling.settled(at(20), 2000)).toHaveLength(1)
})

test('pictures are found by name, also below, oldest first; links, hidden and empty files are not', async () => {
  await using folder = await createTestFolder()
  await folder.write('in/b.PNG', 'x')
  await folder.write('in/shift 2/a.jpeg', 'x')
  await folder.write('in/.hidden/a.png', 'x')
  await folder.write('in/empty.png', '')
  await folder.write('in/notes.txt', 'x')
  await symlink(await folder.write('elsewhere.png', 'x'), folder.at('in/link.png'))
  await utimes(folder.at('in/shift 2/a.jpeg'), 1, 1)
  expect((await scanFolder(folder.at('in'))).map(({ path }) => path)).toEqual(['shift 2/a.jpeg', 'b.PNG'])
})

test('only folders below a root may be watched, wherever dots and links lead', async () => {
  await using folder = await createTestFolder()
  await mkdir(folder.at('root/line 1'), { recursive: true })
  await mkdir(folder.at('root-beside'))
  await folder.write('root/file', 'x')
  await symlink(folder.at('root-beside'), folder.at('root/way out'))
  const roots = [folder.at('root')]
  expect(await confineFolder('line 1', roots)).toMatch(/root.line 1$/)
  expect(await confineFolder(folder.at('root'), roots)).toMatch(/root$/)
  const outside = [
    '..',
    '../root-beside',
    folder.at('root-beside'),
    'way out',
    'file',
    'nowhere',
    '/etc',
    'line 1\0',
  ]
  for (const way of outside)
    await expect(confineFolder(way, roots)).rejects.toMatchObject({ code: 'FOLDER_OUTSIDE', http: 403 })
  await expect(confineFolder(folder.at('root'), [])).rejects.toMatchObject({ code: 'FOLDER_OUTSIDE' })
})
