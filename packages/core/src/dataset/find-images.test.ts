import { symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createTestFolder } from '../testing/folder.ts'
import { findImages } from './find-images.ts'

test('a folder is searched to the bottom in natural order, other files are passed over', async () => {
  await using folder = await createTestFolder()
  for (const name of [
    'p10.png',
    'p2.PNG',
    'p1.jpeg',
    'sub/deep/x.tif',
    'notes.txt',
    '.hidden.png',
    '.git/y.png',
  ]) {
    await folder.write(name, '')
  }
  const { images, missing, empty } = await findImages([folder.path])
  expect(images.map((image) => image.relative)).toEqual(['p1.jpeg', 'p2.PNG', 'p10.png', 'sub/deep/x.tif'])
  expect({ missing, empty }).toEqual({ missing: [], empty: [] })
})

test('a file that was named is tried whatever it is called', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('picture.dat', '')
  expect((await findImages([file])).images).toEqual([{ path: file, relative: 'picture.dat' }])
})

test('an image named twice, or reached through a link, is inspected once', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('a/x.png', '')
  await symlink(folder.at('a'), folder.at('b'))
  const { images } = await findImages([folder.path, file, file])
  expect(images).toHaveLength(1)
})

test('links in a circle end', async () => {
  await using folder = await createTestFolder()
  await folder.write('a/x.png', '')
  await symlink(folder.path, folder.at('a/loop'))
  expect((await findImages([folder.path])).images).toHaveLength(1)
})

test('a link that leads nowhere is an image to complain about, not one to forget', async () => {
  await using folder = await createTestFolder()
  await symlink(folder.at('gone.png'), folder.at('x.png'))
  expect((await findImages([folder.path])).images.map((image) => image.relative)).toEqual(['x.png'])
})

test('the results of the last run are not inspected as parts', async () => {
  await using folder = await createTestFolder()
  await folder.write('x.png', '')
  await folder.write('report/overlays/x.png', '')
  const { images } = await findImages([folder.path], { except: folder.at('report') })
  expect(images.map((image) => image.relative)).toEqual(['x.png'])
})

test('missing paths and folders without images are told apart', async () => {
  await using folder = await createTestFolder()
  await folder.write('empty/readme.txt', '')
  const { missing, empty } = await findImages([folder.at('gone'), folder.at('empty')])
  expect({ missing, empty }).toEqual({ missing: [folder.at('gone')], empty: [folder.at('empty')] })
})
