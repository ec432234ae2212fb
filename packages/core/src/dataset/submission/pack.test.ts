import { readdir, readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import golden from '../../../../../fixtures/golden/submission.json' with { type: 'json' }
import { createTestFolder } from '../../testing/folder.ts'
import { packSubmission } from './index.ts'
import { writeTar, type TarEntry } from './tar.ts'

for (const { folder, files, tarGz } of golden.archives) {
  test(`the archive of "${folder.slice(0, 20)}" is the one of Python's tarfile to the byte`, async () => {
    await using place = await createTestFolder()
    for (const [path, content] of Object.entries(files)) await place.write(`${folder}/${path}`, content)
    const packed = await packSubmission(place.at(folder), place.at('upload.tar.gz'))
    const archive = await readFile(place.at('upload.tar.gz'))
    expect(packed).toEqual({ files: Object.keys(files).length, bytes: archive.length })
    expect(gunzipSync(archive).equals(gunzipSync(Buffer.from(tarGz, 'base64')))).toBe(true)
  })
}

test('the same files give the same archive, whenever and in whichever order they were written', async () => {
  await using place = await createTestFolder()
  for (const name of ['b/1', 'a/2', 'a.png']) await place.write(`one/results/${name}`, name)
  for (const name of ['a.png', 'a/2', 'b/1']) await place.write(`two/results/${name}`, name)
  await packSubmission(place.at('one/results'), place.at('one.tar.gz'))
  await packSubmission(place.at('two/results/'), place.at('two.tar.gz'))
  expect(await readFile(place.at('one.tar.gz'))).toEqual(await readFile(place.at('two.tar.gz')))
})

test('an archive that is there is not overwritten', async () => {
  await using place = await createTestFolder()
  await place.write('results/a.tiff', 'a')
  await place.write('upload.tar.gz', 'precious')
  await expect(packSubmission(place.at('results'), place.at('upload.tar.gz'))).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
  })
  expect(await readFile(place.at('upload.tar.gz'), 'utf8')).toBe('precious')
})

test('a folder that is missing and a place that cannot be written are told apart', async () => {
  await using place = await createTestFolder()
  await place.write('results/a.tiff', 'a')
  await expect(packSubmission(place.at('result'), place.at('upload.tar.gz'))).rejects.toMatchObject({
    code: 'DATA_NOT_FOUND',
  })
  await expect(packSubmission(place.at('results'), place.at('no/upload.tar.gz'))).rejects.toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
  })
})

test('stopped half way, nothing is left behind', async () => {
  await using place = await createTestFolder()
  for (const name of ['a', 'b', 'c']) await place.write(`results/${name}.tiff`, name)
  const stop = new AbortController()
  const packing = packSubmission(place.at('results'), place.at('upload.tar.gz'), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  await expect(packing).rejects.toThrow('aborted')
  expect(await readdir(place.path)).toEqual(['results'])
})

test('a file that changes while it is packed stops the packing', async () => {
  async function* content(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(3)
  }
  const entry: TarEntry = { name: 'results/a.tiff', size: 4, content: content() }
  const write = async (): Promise<void> => {
    for await (const piece of writeTar([entry])) expect(piece.length).toBeGreaterThan(0)
  }
  await expect(write()).rejects.toThrow('results/a.tiff has 3 bytes now, not 4')
})
