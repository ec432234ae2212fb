import { createHash, randomBytes } from 'node:crypto'
import { readdir, utimes } from 'node:fs/promises'
import { createTestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import { openFolderBlobs, sweepBlobs, type BlobStore } from './index.ts'
import { openS3Blobs } from './s3.ts'
import { startFakeS3 } from '../testing/s3.ts'

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface TestStore extends AsyncDisposable {
  readonly blobs: BlobStore
  /** Files that wait aside. */
  aside(): Promise<readonly string[]>
}

async function inFolder(): Promise<TestStore> {
  const folder = await createTestFolder()
  const scratch = folder.at('scratch')
  return {
    blobs: openFolderBlobs({ folder: folder.at('blob'), scratch }),
    aside: () => readdir(scratch).catch(() => []),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

async function inS3(): Promise<TestStore> {
  const folder = await createTestFolder()
  const s3 = await startFakeS3()
  const scratch = folder.at('scratch')
  const keys = { keyId: s3.keyId, secret: s3.secret, region: 'eu-west-1' }
  return {
    blobs: openS3Blobs({ url: `${s3.address}/bucket/studio`, ...keys, cache: folder.at('cache'), scratch }),
    aside: () => readdir(scratch).catch(() => []),
    [Symbol.asyncDispose]: async () => {
      await s3.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const stores: readonly (readonly [string, () => Promise<TestStore>])[] = [
  ['in a folder', inFolder],
  ['in an object store', inS3],
]

test.each(stores)('%s a file comes back as it went in, under its hash', async (_, open) => {
  await using store = await open()
  const bytes = randomBytes(100_000)
  const sha256 = hashOf(bytes)
  expect(await store.blobs.has(sha256)).toBe(false)
  await expect(store.blobs.path(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await store.blobs.put(bytes)).toEqual({ sha256, bytes: 100_000 })
  expect(await store.blobs.put(bytes)).toEqual({ sha256, bytes: 100_000 })
  expect(hashOf(await store.blobs.read(sha256))).toBe(sha256)
  const opened = await store.blobs.open(sha256)
  expect([opened.bytes, hashOf(Buffer.concat(await Array.fromAsync(opened.stream)))]).toEqual([
    100_000,
    sha256,
  ])
  expect((await Array.fromAsync(store.blobs.list())).map((b) => b.sha256)).toEqual([sha256])
  await store.blobs.remove(sha256)
  expect(await store.blobs.has(sha256)).toBe(false)
  await store.blobs.remove(sha256)
  expect(await store.aside()).toEqual([])
})

test.each(stores)('%s what is too large, or breaks off, or is not kept, leaves nothing', async (_, open) => {
  await using store = await open()
  const large = store.blobs.put(new Uint8Array(11), { limit: 10, name: 'a.png' })
  await expect(large).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
  const broken = async function* () {
    yield new Uint8Array(3)
    throw new Error('gone')
  }
  await expect(store.blobs.put(broken())).rejects.toThrow('gone')
  {
    await using _staged = await store.blobs.stage(new Uint8Array(5))
  }
  expect(await store.aside()).toEqual([])
  expect(await Array.fromAsync(store.blobs.list())).toEqual([])
})

test('taking back a keeping spares what was there before, and what others have kept since', async () => {
  await using store = await inFolder()
  const keep = async (byte: number) => (await store.blobs.stage(Uint8Array.of(byte))).keep()
  const alone = await keep(1)
  await alone.undo()
  expect(await store.blobs.has(alone.sha256)).toBe(false)
  const before = await keep(2)
  await (await keep(2)).undo()
  expect(await store.blobs.has(before.sha256)).toBe(true)
  const first = await keep(3)
  await keep(3)
  await first.undo()
  expect(await store.blobs.has(first.sha256)).toBe(true)
})

test('the sweep takes old files that nothing names, and no others', async () => {
  await using store = await inFolder()
  const put = async (byte: number): Promise<string> => (await store.blobs.put(Uint8Array.of(byte))).sha256
  const [named, old, young] = [await put(1), await put(2), await put(3)]
  const longAgo = new Date(Date.now() - 10_000)
  for (const sha256 of [named, old]) await utimes(await store.blobs.path(sha256), longAgo, longAgo)
  const removed = await sweepBlobs({
    blobs: store.blobs,
    references: { named: async (hashes) => new Set(hashes.filter((hash) => hash === named)) },
    before: new Date(Date.now() - 5000),
    signal: new AbortController().signal,
  })
  expect(removed).toBe(1)
  expect(await Promise.all([named, old, young].map((sha256) => store.blobs.has(sha256)))).toEqual([
    true,
    false,
    true,
  ])
})

test('an object that was changed in its store is refused', async () => {
  await using folder = await createTestFolder()
  const s3 = await startFakeS3()
  const options = { url: `${s3.address}/bucket`, keyId: s3.keyId, secret: s3.secret, region: 'x' }
  const writer = openS3Blobs({ ...options, cache: folder.at('a'), scratch: folder.at('s') })
  const { sha256 } = await writer.put(Buffer.from('as it was'))
  s3.objects.set(`blob/${sha256}`, Buffer.from('as it is now'))
  const reader = openS3Blobs({ ...options, cache: folder.at('b'), scratch: folder.at('s') })
  await expect(reader.path(sha256)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  const stranger = openS3Blobs({
    ...options,
    secret: 'wrong',
    cache: folder.at('c'),
    scratch: folder.at('s'),
  })
  await expect(stranger.put(Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  await s3.close()
})
