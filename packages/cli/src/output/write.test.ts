import { mkdir, readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createTestFolder } from '@assay/core/testing/folder'
import { toCsv } from './csv.ts'
import { requireFolder, requireModelPlace, requireReportFolder, writeWhole } from './write.ts'

test('a written file replaces the one before and leaves nothing beside it', async () => {
  await using folder = await createTestFolder()
  await writeWhole(folder.at('a/b/x.txt'), 'one')
  await writeWhole(folder.at('a/b/x.txt'), 'two')
  expect(await readFile(folder.at('a/b/x.txt'), 'utf8')).toBe('two')
  expect(await readdir(folder.at('a/b'))).toEqual(['x.txt'])
})

test('a write that fails leaves the old file and no part of the new one', async () => {
  await using folder = await createTestFolder()
  await mkdir(folder.at('there'))
  await expect(writeWhole(folder.at('there'), 'new')).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' })
  expect(await readdir(folder.path)).toEqual(['there'])
})

test('an output folder below a file is refused before any work', async () => {
  await using folder = await createTestFolder()
  await folder.write('file', 'x')
  await expect(requireFolder(folder.at('file/report'))).rejects.toThrow(
    'a part of the path is a file, not a folder',
  )
})

test('a folder that can be written is made, and left empty', async () => {
  await using folder = await createTestFolder()
  await requireFolder(folder.at('new/report'))
  expect(await readdir(folder.at('new/report'))).toEqual([])
})

test('a model does not overwrite a picture, but it does overwrite a model', async () => {
  await using folder = await createTestFolder()
  const picture = await folder.write('part.png', Uint8Array.of(0x89, 0x50))
  const model = await folder.write('model.onnx', Uint8Array.of(0x08, 0x0a))
  await expect(requireModelPlace(picture)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  await expect(requireModelPlace(folder.path)).rejects.toThrow('there is a folder of that name')
  await expect(requireModelPlace(model)).resolves.toBeUndefined()
  await expect(requireModelPlace(folder.at('new.onnx'))).resolves.toBeUndefined()
})

test('a page that somebody else made is not overwritten, one of ours is', async () => {
  await using folder = await createTestFolder()
  await folder.write('site/index.html', '<!doctype html><title>Our works</title>')
  await folder.write('report/index.html', '<!doctype html><meta name="generator" content="Assay">')
  await expect(requireReportFolder(folder.at('site'))).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  await expect(requireReportFolder(folder.at('report'))).resolves.toBeUndefined()
  await expect(requireReportFolder(folder.at('new'))).resolves.toBeUndefined()
})

test('names with commas, quotes and line ends survive in a table', () => {
  expect(toCsv(['image', 'score'], [['a,"b"\n.png', 1.5]])).toBe('image,score\r\n"a,""b""\n.png",1.5\r\n')
})
