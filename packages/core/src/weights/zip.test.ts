import * as fc from 'fast-check'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'

import { openByteSource } from './byte-source.ts'
import { openZip } from './zip.ts'

const text = new TextEncoder()
const open = async (bytes: Uint8Array) => openZip(await openByteSource(bytes, 'a.zip'))
const reject = (bytes: Uint8Array, reason: string) =>
  expect(open(bytes)).rejects.toMatchObject({
    code: 'WEIGHTS_UNREADABLE',
    params: { reason: expect.stringContaining(reason) as string },
  })

/** Where a 32-bit little-endian number first occurs, for patching headers. */
function find(bytes: Uint8Array, number: number, from = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let at = from; at + 4 <= bytes.length; at++) if (view.getUint32(at, true) === number) return at
  throw new Error('internal: not found')
}
const central = 0x02014b50
const end = 0x06054b50

test('archives made by another writer give back what went in, whole and in parts', async () => {
  const content = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.uint8Array({ maxLength: 500 }), {
    minKeys: 1,
    maxKeys: 5,
  })
  await fc.assert(
    fc.asyncProperty(content, fc.constantFrom(0, 6), fc.nat(500), fc.nat(500), async (files, level, a, b) => {
      const zip = await open(zipSync(files, { level }))
      expect([...zip.entries.keys()].sort()).toEqual(Object.keys(files).sort())
      for (const entry of zip.entries.values()) {
        const want = files[entry.name]!
        const [from, to] = [Math.min(a, b, want.length), Math.min(Math.max(a, b), want.length)]
        expect(await zip.read(entry)).toEqual(want)
        expect(await zip.read(entry, from, to - from)).toEqual(want.subarray(from, to))
      }
    }),
    { seed: 4, numRuns: 100 },
  )
})

test('a comment behind the archive does not hide its directory', async () => {
  const zip = await open(zipSync({ a: text.encode('hello') }, { comment: 'x'.repeat(60000) }))
  expect(zip.entries.has('a')).toBe(true)
})

test('an entry whose numbers changed is told by its checksum', async () => {
  const bytes = zipSync({ a: text.encode('hello') }, { level: 0 })
  bytes[bytes.indexOf(0x68)] = 0x69
  const zip = await open(bytes)
  await expect(zip.read(zip.entries.get('a')!)).rejects.toThrow('checksum')
})

test('a deflated entry that claims more than deflate can give is refused before any memory is taken', async () => {
  const bytes = zipSync({ a: new Uint8Array(5000) })
  new DataView(bytes.buffer).setUint32(find(bytes, central) + 24, 2 ** 30, true)
  await reject(bytes, 'claims to inflate')
})

test('a deflated entry that gives more or less than it claims is stopped', async () => {
  for (const [claim, reason] of [
    [4999, 'more than 4999'],
    [5001, 'instead of 5001'],
  ] as const) {
    const bytes = zipSync({ a: new Uint8Array(5000) })
    new DataView(bytes.buffer).setUint32(find(bytes, central) + 24, claim, true)
    const zip = await open(bytes)
    await expect(zip.read(zip.entries.get('a')!)).rejects.toThrow(reason)
  }
})

test('entries that share bytes are refused', async () => {
  const bytes = zipSync({ a: text.encode('hello'), b: text.encode('world') }, { level: 0 })
  const second = find(bytes, central, find(bytes, central) + 4)
  new DataView(bytes.buffer).setUint32(second + 42, 0, true)
  await reject(bytes, 'runs into')
})

test('a directory with too few, encrypted or strangely packed entries is refused', async () => {
  const patched = (offset: number, value: number, of: number): Uint8Array => {
    const bytes = zipSync({ a: text.encode('hello') }, { level: 0 })
    new DataView(bytes.buffer).setUint16(find(bytes, of) + offset, value, true)
    return bytes
  }
  await reject(patched(10, 2, end), 'ends after 1 of 2')
  await reject(patched(8, 1, central), 'encrypted')
  await reject(patched(10, 12, central), 'method 12')
  await reject(patched(4, 1, end), 'split')
})

test('a zip64 archive, as PyTorch writes for large files, is read', async () => {
  const content = text.encode('large')
  const zip = await open(zip64Of('a', content))
  expect(await zip.read(zip.entries.get('a')!)).toEqual(content)
})

/** One stored entry with every size in its zip64 place. */
function zip64Of(name: string, content: Uint8Array): Uint8Array {
  const plain = zipSync({ [name]: content }, { level: 0 })
  const at = find(plain, central)
  const entry = plain.slice(at, at + 46 + name.length)
  const extra = new Uint8Array(28)
  const bytes = new Uint8Array(at + entry.length + 28 + 56 + 20 + 22)
  const e = new DataView(entry.buffer)
  const x = new DataView(extra.buffer)
  for (const offset of [20, 24, 42]) e.setUint32(offset, 0xffffffff, true)
  e.setUint16(30, 28, true)
  x.setUint16(0, 1, true)
  x.setUint16(2, 24, true)
  x.setBigUint64(4, BigInt(content.length), true)
  x.setBigUint64(12, BigInt(content.length), true)
  x.setBigUint64(20, 0n, true)
  bytes.set(plain.subarray(0, at))
  bytes.set(entry, at)
  bytes.set(extra, at + entry.length)
  const size = entry.length + 28
  const v = new DataView(bytes.buffer)
  const end64 = at + size
  v.setUint32(end64, 0x06064b50, true)
  v.setBigUint64(end64 + 4, 44n, true)
  v.setBigUint64(end64 + 24, 1n, true)
  v.setBigUint64(end64 + 32, 1n, true)
  v.setBigUint64(end64 + 40, BigInt(size), true)
  v.setBigUint64(end64 + 48, BigInt(at), true)
  v.setUint32(end64 + 56, 0x07064b50, true)
  v.setBigUint64(end64 + 64, BigInt(end64), true)
  v.setUint32(end64 + 72, 1, true)
  v.setUint32(end64 + 76, end, true)
  v.setUint16(end64 + 84, 0xffff, true)
  v.setUint16(end64 + 86, 0xffff, true)
  v.setUint32(end64 + 88, 0xffffffff, true)
  v.setUint32(end64 + 92, 0xffffffff, true)
  return bytes
}
