/** Files that people add: the published one, conversions, others by mistake, damaged and hostile ones. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AssayError } from '@assay/contract'
import { expect, test } from 'vitest'

import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { drain } from '../../testing/drain.ts'
import { makeWeights, publish } from '../testing/published.ts'
import { addWeights, type AddOptions, type WeightsCheck } from './add.ts'
import { openPublishedWeights } from './open.ts'
import { findWeights, readRecord, type WeightsRecord } from './record.ts'

const file = makeWeights()
const entry = publish(file)
const check: WeightsCheck = (checkpoint) => {
  const { path } = checkpoint
  if (checkpoint.info('w').shape.join() === '3000') return
  throw new AssayError('WEIGHTS_UNSUITABLE', {
    path,
    wanted: 'the weights "net-a"',
    reason: 'w has another shape',
  })
}
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../../fixtures/weights/${name}`, import.meta.url))

const placeIn = (folder: TestFolder): { cache: string; catalogue: [typeof entry] } => ({
  cache: folder.at('cache'),
  catalogue: [entry],
})

async function add(folder: TestFolder, path: string, options: AddOptions = {}): Promise<WeightsRecord> {
  return (await drain(addWeights('net-a', path, { ...placeIn(folder), ...options }))).result
}

const cached = (folder: TestFolder): Promise<string[]> =>
  readdir(folder.at('cache/weights/net-a')).catch(() => [])

test('the published file is taken as what it is, whatever it is called', async () => {
  await using folder = await createTestFolder()
  const record = await add(folder, await folder.write('on a stick/download (1).bin', file))
  expect(record).toMatchObject({ isPublished: true, sha256: entry.sha256, source: 'download (1).bin' })
  expect(record.origin).toBe(`somebody, Net A; ${entry.url}`)
  expect(await cached(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{8}-net-a-v1\.pth$/), 'record.json'])
  expect(await findWeights('net-a', placeIn(folder))).toEqual(record)
})

test('another file is taken when its tensors fit, and says wherever it goes that it is another', async () => {
  await using folder = await createTestFolder()
  const record = await add(folder, await folder.write('converted.bin', makeWeights(3000, 2)), { check })
  expect(record.isPublished).toBe(false)
  expect(record.origin).toBe('somebody, Net A; not the published file, but added from "converted.bin"')
  expect(record.path).toMatch(/-net-a\.safetensors$/)
  const { checkpoint, record: opened } = await openPublishedWeights('net-a', placeIn(folder))
  await using held = checkpoint
  expect((await held.tensor('w')).data[7]).toBe(14)
  expect(opened).toEqual(record)
})

test('the file that was there before makes room for the new one', async () => {
  await using folder = await createTestFolder()
  await add(folder, await folder.write('a.bin', makeWeights(3000, 2)), { check })
  await add(folder, await folder.write('b.bin', file))
  expect(await cached(folder)).toHaveLength(2)
  expect((await readRecord('net-a', placeIn(folder)))?.isPublished).toBe(true)
})

test.each([
  ['without a way to check it', undefined, 3000, 'WEIGHTS_SUM_DIFFERS', 'its sha256 is'],
  ['whose tensors do not fit', check, 2999, 'WEIGHTS_UNSUITABLE', 'w has another shape'],
])('another file %s is refused, and the cache stays as it was', async (_, given, count, code, words) => {
  await using folder = await createTestFolder()
  await add(folder, await folder.write('a.bin', file))
  const before = await cached(folder)
  const path = await folder.write('other.bin', makeWeights(count, 2))
  const error = await add(folder, path, { check: given }).catch((e: unknown) => e)
  expect(error).toMatchObject({ code })
  expect(String(error)).toContain(words)
  expect(String(error)).toContain(path)
  expect(await cached(folder)).toEqual(before)
})

test.each([
  ['os-system.pt', 'WEIGHTS_REFUSED'],
  ['laughs.pt', 'WEIGHTS_UNREADABLE'],
  ['none.pt', 'WEIGHTS_UNREADABLE'],
  ['.', 'WEIGHTS_UNREADABLE'],
])('%s is turned down before anything is written', async (name, code) => {
  await using folder = await createTestFolder()
  await expect(add(folder, fixture(name), { check })).rejects.toMatchObject({ code })
  expect(await readdir(folder.path)).toEqual([])
})

test('a model with numbers in other files is turned down: the cache would have but half of it', async () => {
  await using folder = await createTestFolder()
  await expect(add(folder, fixture('external.onnx'), { check })).rejects.toThrow('save it as one file')
})

test('damage inside is found when a file comes in, not when somebody needs it', async () => {
  await using folder = await createTestFolder()
  const bytes = await readFile(fixture('zip.pt'))
  // One number of the first storage, so that its checksum is wrong.
  const at = bytes.indexOf('data/0') + 6 + 64
  await writeFile(folder.at('damaged.pt'), bytes.fill(bytes[at]! ^ 1, at, at + 1))
  const anything = (): Promise<void> => Promise.resolve()
  await expect(add(folder, folder.at('damaged.pt'), { check: anything })).rejects.toMatchObject({
    code: 'WEIGHTS_UNREADABLE',
  })
  expect(await cached(folder)).toEqual([])
})

test('an interrupted add leaves nothing behind', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('a.bin', file)
  await expect(add(folder, path, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
  expect(await cached(folder)).toEqual([])
})

test('an unknown id is answered before the file is looked at', async () => {
  const run = addWeights('net-b', '/nowhere', { cache: '/nowhere', catalogue: [entry] })
  await expect(run.next()).rejects.toMatchObject({ code: 'WEIGHTS_UNKNOWN', params: { suggestion: 'net-a' } })
})
