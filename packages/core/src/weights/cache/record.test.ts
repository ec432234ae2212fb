/** Records of cached weights, their absence, and what people and disks do to them. */
import { spawn } from 'node:child_process'
import { copyFile, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { drain } from '../../testing/drain.ts'
import { makeWeights, publish } from '../testing/published.ts'
import { addWeights } from './add.ts'
import { listWeights } from './list.ts'
import { openPublishedWeights } from './open.ts'
import { findWeights, readRecord, type WeightsRecord } from './record.ts'
import { verifyWeights, type VerifiedWeights } from './verify.ts'

const file = makeWeights()
const entry = publish(file)
const second = publish(makeWeights(10), 'https://weights.test', 'net-b')
const placeIn = (folder: TestFolder) => ({ cache: folder.at('cache'), catalogue: [entry, second] })

async function fill(folder: TestFolder): Promise<WeightsRecord> {
  const path = await folder.write('a.bin', file)
  return (await drain(addWeights('net-a', path, placeIn(folder)))).result
}

const verify = async (folder: TestFolder, id?: string): Promise<VerifiedWeights[]> =>
  (await drain(verifyWeights(id, placeIn(folder)))).result

test('weights that are not here are said with both ways to get them', async () => {
  await using folder = await createTestFolder()
  const error = await findWeights('net-a', placeIn(folder)).catch((e: unknown) => e)
  expect(error).toMatchObject({
    code: 'WEIGHTS_MISSING',
    message: 'The weights "net-a" are not on this machine.',
    hint: expect.stringMatching(
      /^Run "assay weights fetch net-a" \(0 MB, Apache-2\.0\)\. Without internet here: /,
    ),
  })
  expect(error).toMatchObject({ hint: expect.stringContaining(`download ${entry.url} on another machine`) })
  expect(error).toMatchObject({ hint: expect.stringContaining('"assay weights add net-a <file>"') })
})

test('a record without its file counts as none', async () => {
  await using folder = await createTestFolder()
  await rm((await fill(folder)).path)
  expect(await readRecord('net-a', placeIn(folder))).toBeNull()
  await expect(openPublishedWeights('net-a', placeIn(folder))).rejects.toMatchObject({
    code: 'WEIGHTS_MISSING',
  })
})

test.each([
  ['{"id": "net-a"', 'not JSON'],
  ['null', 'lacks some'],
  ['[]', 'lacks some'],
  ['{"id":"net-a"}', 'lacks some'],
])('a record that reads %s is unreadable by its path', async (text, reason) => {
  await using folder = await createTestFolder()
  await fill(folder)
  const path = folder.at('cache/weights/net-a/record.json')
  await writeFile(path, text)
  await expect(readRecord('net-a', placeIn(folder))).rejects.toMatchObject({
    code: 'WEIGHTS_UNREADABLE',
    params: { path },
    message: expect.stringContaining(reason),
  })
  await expect(verify(folder)).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' })
})

test('a record cannot point out of its folder', async () => {
  await using folder = await createTestFolder()
  await fill(folder)
  const path = folder.at('cache/weights/net-a/record.json')
  const record = JSON.parse(await readFile(path, 'utf8')) as object
  await writeFile(path, JSON.stringify({ ...record, file: '../../../a.bin' }))
  await expect(readRecord('net-a', placeIn(folder))).rejects.toThrow('parts that cannot be')
})

test('a file that was cut in the cache is not opened', async () => {
  await using folder = await createTestFolder()
  const { path } = await fill(folder)
  await writeFile(path, makeWeights(20))
  await expect(openPublishedWeights('net-a', placeIn(folder))).rejects.toThrow(`instead of ${file.length}`)
})

test('what is here and what is not is listed in the order of the catalogue', async () => {
  await using folder = await createTestFolder()
  const record = await fill(folder)
  expect(await listWeights(placeIn(folder))).toEqual([
    { weights: entry, record },
    { weights: second, record: null },
  ])
})

test('a changed byte is found by verifying, and only then', async () => {
  await using folder = await createTestFolder()
  const record = await fill(folder)
  expect(await verify(folder)).toEqual([{ record, sha256: entry.sha256, isIntact: true }])
  const damaged = file.slice()
  damaged[damaged.length - 1]! ^= 1
  await writeFile(record.path, damaged)
  expect(await verify(folder, 'net-a')).toMatchObject([
    { isIntact: false, sha256: expect.not.stringMatching(entry.sha256) },
  ])
  await expect(verify(folder, 'net-b')).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' })
})

test('verifying says which file it is at', async () => {
  await using folder = await createTestFolder()
  await fill(folder)
  const { events } = await drain(verifyWeights(undefined, placeIn(folder)))
  expect(events.map((event) => [event.type, event.type === 'checking' ? event.id : event.record.id])).toEqual(
    [
      ['checking', 'net-a'],
      ['verified', 'net-a'],
    ],
  )
})

test('what killed processes left is swept out after a day, not before', async () => {
  await using folder = await createTestFolder()
  const left = (name: string): Promise<string> => folder.write(`cache/weights/net-a/${name}`, 'x')
  const id = '00000000-0000-4000-8000-000000000000'
  const old = await left(`added-1-${id}`)
  const fresh = await left(`added-2-${id}`)
  const twoDaysAgo = Date.now() / 1000 - 48 * 3600
  await utimes(old, twoDaysAgo, twoDaysAgo)
  await fill(folder)
  const names = await readdir(folder.at('cache/weights/net-a'))
  expect(names).toHaveLength(3)
  expect(names).toContain(fresh.split(/[\\/]/).at(-1))
})

test('processes that add at the same time leave one whole file and its record', async () => {
  await using folder = await createTestFolder()
  const files = [file, makeWeights(3000, 2)]
  const paths = await Promise.all(files.map((bytes, i) => folder.write(`${i}.bin`, bytes)))
  const module = fileURLToPath(new URL('add.ts', import.meta.url))
  const script = `
    const { addWeights } = await import(${JSON.stringify(module)})
    const catalogue = [${JSON.stringify(entry)}]
    for (let i = 0; i < 15; i++)
      for await (const _ of addWeights('net-a', process.argv[1], { cache: process.argv[2], catalogue, check: async () => {} }));`
  const codes = await Promise.all(
    paths.map(
      (path) =>
        new Promise((resolve) => {
          const child = spawn(process.execPath, [
            '--input-type=module',
            '-e',
            script,
            path,
            folder.at('cache'),
          ])
          child.on('close', resolve)
        }),
    ),
  )
  expect(codes).toEqual([0, 0])
  const record = await findWeights('net-a', placeIn(folder))
  await copyFile(record.path, folder.at('kept'))
  const kept = new Uint8Array(await readFile(folder.at('kept')))
  expect(files.some((bytes) => Buffer.compare(bytes, kept) === 0)).toBe(true)
  expect((await verify(folder)).map(({ isIntact }) => isIntact)).toEqual([true])
})
