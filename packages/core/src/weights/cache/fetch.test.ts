/** Fetching from servers that break off, lie, redirect and stand behind proxies; all on the loopback interface. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { drain, type Drained } from '../../testing/drain.ts'
import type { PublishedWeights } from '../catalogue.ts'
import { makeWeights, publish } from '../testing/published.ts'
import { giveFile, serve, serveProxy } from '../testing/server.ts'
import { fetchWeights, type FetchEvent, type FetchOptions, type FetchResult } from './fetch.ts'
import { openPublishedWeights } from './open.ts'
import { findWeights } from './record.ts'
import { addWeights } from './add.ts'

const file = makeWeights()
const other = makeWeights(3000, 2)

interface Fetched extends Drained<FetchEvent, FetchResult> {
  readonly waits: number[]
}

async function fetch(
  folder: TestFolder,
  entry: PublishedWeights,
  options: FetchOptions & { readonly watch?: (event: FetchEvent) => void } = {},
): Promise<Fetched> {
  const { watch, ...rest } = options
  const waits: number[] = []
  const wait = (ms: number): Promise<unknown> => Promise.resolve(waits.push(ms))
  const run = fetchWeights(entry.id, {
    cache: folder.at('cache'),
    catalogue: [entry],
    env: {},
    wait,
    ...rest,
  })
  return { ...(await drain(run, watch)), waits }
}

const filesOf = async (folder: TestFolder): Promise<string[]> =>
  (await readdir(folder.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder.path, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()

test('licence and origin are told before any connection is made', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const entry = publish(file, server.origin)
  const run = fetchWeights(entry.id, { cache: folder.at('cache'), catalogue: [entry], env: {} })
  expect(await run.next()).toEqual({ done: false, value: { type: 'origin', weights: entry } })
  expect(server.requests).toEqual([])
  expect(await filesOf(folder)).toEqual([])
})

test('a fetched file is in the cache with its record, and nothing is anywhere else', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const entry = publish(file, server.origin)
  const { events, result } = await fetch(folder, entry)
  expect(events.at(-2)).toEqual({ type: 'progress', done: file.length, total: file.length })
  expect(events.at(-1)).toEqual({ type: 'checking', done: file.length, total: file.length })
  expect(result.wasCached).toBe(false)
  expect(result.record).toMatchObject({
    id: 'net-a',
    source: entry.url,
    sha256: entry.sha256,
    bytes: file.length,
    licence: 'Apache-2.0',
    origin: `somebody, Net A; ${entry.url}`,
    isPublished: true,
  })
  expect(await filesOf(folder)).toEqual([
    expect.stringMatching(/^cache\/weights\/net-a\/[0-9a-f]{8}-net-a-v1\.pth$/),
    'cache/weights/net-a/record.json',
  ])
  expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  const place = { cache: folder.at('cache'), catalogue: [entry] }
  const opened = await openPublishedWeights('net-a', place)
  await using checkpoint = opened.checkpoint
  expect((await checkpoint.tensor('w')).data[7]).toBe(7)
})

test('what is cached and right is not fetched again; what is damaged is', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const entry = publish(file, server.origin)
  const { result } = await fetch(folder, entry)
  expect((await fetch(folder, entry)).result.wasCached).toBe(true)
  expect(server.requests).toHaveLength(1)
  await writeFile(result.record.path, other)
  const repaired = (await fetch(folder, entry)).result
  expect(repaired.wasCached).toBe(false)
  expect(new Uint8Array(await readFile(repaired.record.path))).toEqual(file)
  await writeFile(folder.at('cache/weights/net-a/record.json'), '{"id":')
  expect((await fetch(folder, entry)).result.wasCached).toBe(false)
})

test('a connection that breaks is taken up where it broke, with the ETag of what is there', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file, { etag: '"v1"', cuts: [5000, 3000] }))
  const entry = publish(file, server.origin)
  const { events, waits } = await fetch(folder, entry)
  expect(server.requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
    [undefined, undefined],
    ['bytes=5000-', '"v1"'],
    ['bytes=8000-', '"v1"'],
  ])
  expect(events.filter(({ type }) => type === 'retry')).toHaveLength(2)
  expect(waits).toEqual([1000, 1000])
})

test('an interrupted fetch is gone on with by the next one', async () => {
  await using folder = await createTestFolder()
  const controller = new AbortController()
  await using hanging = await serve((_, response) => {
    response.writeHead(200, {
      'content-length': file.length,
      'last-modified': 'Sun, 22 Nov 2026 00:00:00 GMT',
    })
    response.write(file.subarray(0, 4000), () => setTimeout(() => controller.abort(), 20))
  })
  const entry = publish(file, hanging.origin)
  await expect(fetch(folder, entry, { signal: controller.signal })).rejects.toThrow(/abort/)
  await using server = await serve(giveFile(file, { etag: 'Sun, 22 Nov 2026 00:00:00 GMT' }))
  const { events } = await fetch(folder, { ...entry, url: `${server.origin}/a.pth` })
  expect(events[1]).toEqual({ type: 'progress', done: 4000, total: file.length })
  expect(server.requests[0]?.headers['if-range']).toBe('Sun, 22 Nov 2026 00:00:00 GMT')
})

test.each([
  ['does not know ranges', { knowsRanges: false, cuts: [4000] }],
  ['has another file by then', { etag: '"v2"', cuts: [] }],
])('a server that %s has the file begun anew', async (_, options) => {
  await using folder = await createTestFolder()
  await leavePart(folder, 'net-a', other.subarray(0, 4000), { pid: null, validator: '"v1"' })
  await using server = await serve(giveFile(file, options))
  const { result } = await fetch(folder, publish(file, server.origin))
  expect(server.requests[0]?.headers.range).toBe('bytes=4000-')
  expect(result.record.isPublished).toBe(true)
})

test.each([
  ['an answer that begins elsewhere', 206, 'bytes 10-20/21'],
  ['a range that cannot be satisfied', 416, 'bytes */21'],
])('%s has the file begun anew', async (_, status, range) => {
  await using folder = await createTestFolder()
  await leavePart(folder, 'net-a', file.subarray(0, 4000), { pid: null, validator: null })
  const whole = giveFile(file)
  await using server = await serve((request, response) => {
    if (request.headers.range === undefined) whole(request, response)
    else response.writeHead(status, { 'content-range': range }).end()
  })
  expect((await fetch(folder, publish(file, server.origin))).result.record.isPublished).toBe(true)
  expect(server.requests).toHaveLength(2)
})

test('a part that is whole already is only checked', async () => {
  await using folder = await createTestFolder()
  await leavePart(folder, 'net-a', file, { pid: null, validator: null })
  await using server = await serve(giveFile(file))
  expect((await fetch(folder, publish(file, server.origin))).result.wasCached).toBe(false)
  expect(server.requests).toHaveLength(1)
})

test('a part that was damaged costs one more download, not an error', async () => {
  await using folder = await createTestFolder()
  await leavePart(folder, 'net-a', other.subarray(0, 4000), { pid: null, validator: null })
  await using server = await serve(giveFile(file))
  expect((await fetch(folder, publish(file, server.origin))).result.record.isPublished).toBe(true)
  expect(server.requests.map(({ headers }) => headers.range)).toEqual(['bytes=4000-', undefined])
})

test('another file than the published one is refused with both sums, and the cache stays as it was', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(other))
  const entry = publish(file, server.origin)
  const place = { cache: folder.at('cache'), catalogue: [entry] }
  const check = (): Promise<void> => Promise.resolve()
  await drain(addWeights('net-a', await folder.write('mine.safetensors', other), { ...place, check }))
  const before = await filesOf(folder)
  const sum = createHash('sha256').update(other).digest('hex')
  await expect(fetch(folder, entry)).rejects.toMatchObject({
    code: 'WEIGHTS_SUM_DIFFERS',
    params: { weights: 'net-a', path: entry.url, expected: entry.sha256, found: sum },
  })
  expect(await filesOf(folder)).toEqual(before)
  // The wrong bytes are not gone on with.
  await expect(fetch(folder, entry)).rejects.toMatchObject({ code: 'WEIGHTS_SUM_DIFFERS' })
  expect(server.requests.at(-1)?.headers.range).toBeUndefined()
})

test('a missing file is said at once, with the way for machines without internet', async () => {
  await using folder = await createTestFolder()
  await using server = await serve((_, response) => void response.writeHead(404).end('gone'))
  const entry = publish(file, server.origin)
  const error = await fetch(folder, entry).catch((e: unknown) => e)
  expect(error).toMatchObject({
    code: 'WEIGHTS_DOWNLOAD_FAILED',
    message: expect.stringContaining('404 Not Found'),
  })
  expect(error).toMatchObject({ hint: expect.stringContaining(entry.url) })
  expect(error).toMatchObject({ hint: expect.stringContaining('assay weights add net-a <file>') })
  expect(server.requests).toHaveLength(1)
})

test('a server that is out of order for a while is waited for, longer each time, and not for ever', async () => {
  await using folder = await createTestFolder()
  let left = 2
  const whole = giveFile(file)
  await using server = await serve((request, response) => {
    if (left-- > 0) response.writeHead(503).end()
    else whole(request, response)
  })
  expect((await fetch(folder, publish(file, server.origin))).waits).toEqual([1000, 2000])
  await using broken = await serve((_, response) => void response.socket?.destroy())
  const waits: number[] = []
  const wait = (ms: number): Promise<unknown> => Promise.resolve(waits.push(ms))
  const entry = publish(file, broken.origin, 'net-b')
  await expect(fetch(folder, entry, { wait })).rejects.toMatchObject({ code: 'WEIGHTS_DOWNLOAD_FAILED' })
  expect(waits).toEqual([1000, 2000, 4000, 8000])
})

test('nothing that listens is a failure without waiting', async () => {
  await using folder = await createTestFolder()
  const gone = await serve(giveFile(file))
  await gone[Symbol.asyncDispose]()
  await expect(fetch(folder, publish(file, gone.origin))).rejects.toThrow(/ECONNREFUSED/)
})

test('redirects are followed, a few of them', async () => {
  await using folder = await createTestFolder()
  await using server = await serve((request, response) => {
    const [, left] = /^\/(\d)$/.exec(request.url ?? '') ?? []
    if (left === '0') giveFile(file)(request, response)
    else response.writeHead(302, { location: `/${left === undefined ? 4 : Number(left) - 1}` }).end()
  })
  expect((await fetch(folder, publish(file, server.origin))).result.wasCached).toBe(false)
  await using loop = await serve((_, response) => void response.writeHead(301, { location: '/again' }).end())
  await expect(fetch(folder, publish(file, loop.origin, 'net-b'))).rejects.toThrow('more than 5 addresses')
  expect(loop.requests).toHaveLength(6)
})

test.each(['file:///etc/hostname', 'ftp://localhost/x', 'data:,x', 'http://[', undefined])(
  'a redirect to %s is not followed',
  async (location) => {
    await using folder = await createTestFolder()
    await using server = await serve(
      (_, response) => void response.writeHead(302, location === undefined ? {} : { location }).end(),
    )
    await expect(fetch(folder, publish(file, server.origin))).rejects.toThrow('is not followed')
  },
)

test('a longer file than the published one is not taken in', async () => {
  await using folder = await createTestFolder()
  await using announced = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 2 ** 40 })
    response.flushHeaders()
  })
  await expect(fetch(folder, publish(file, announced.origin))).rejects.toThrow('but the published one has')
  await using endless = await serve((_, response) => {
    const more = (): void => void (response.destroyed || response.write(new Uint8Array(2 ** 16), more))
    more()
  })
  await expect(fetch(folder, publish(file, endless.origin))).rejects.toThrow('but the published one has')
})

test('a packed answer is refused, not unpacked', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(
    (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  )
  await expect(fetch(folder, publish(file, server.origin))).rejects.toThrow('packs the file (gzip)')
})

test('an end without a length that comes too early is a broken connection', async () => {
  await using folder = await createTestFolder()
  let isFirst = true
  const whole = giveFile(file)
  await using server = await serve((request, response) => {
    if (!isFirst) return whole(request, response)
    isFirst = false
    response.writeHead(200)
    response.end(file.subarray(0, 1000))
  })
  const { events } = await fetch(folder, publish(file, server.origin))
  expect(events).toContainEqual(expect.objectContaining({ type: 'retry' }))
  expect(server.requests[1]?.headers.range).toBe('bytes=1000-')
})

test('two fetches at once both succeed', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file, { cuts: [2000, 5000] }))
  const entry = publish(file, server.origin)
  const both = await Promise.all([fetch(folder, entry), fetch(folder, entry)])
  for (const { result } of both) expect(result.record.isPublished).toBe(true)
  const { path: kept } = await findWeights('net-a', { cache: folder.at('cache'), catalogue: [entry] })
  expect(new Uint8Array(await readFile(kept))).toEqual(file)
})

test('a part of a killed process is taken over, one of a living process is left alone', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
  await leavePart(folder, 'net-a', file.subarray(0, 500), { pid: dead, validator: null })
  await leavePart(folder, 'net-a', file.subarray(0, 900), { pid: process.pid, validator: null })
  const elsewhere = { pid: 1, validator: null, host: 'another-machine' }
  await leavePart(folder, 'net-a', file.subarray(0, 700), elsewhere)
  await fetch(folder, publish(file, server.origin))
  expect(server.requests[0]?.headers.range).toBe('bytes=500-')
  const left = (await filesOf(folder)).filter((name) => name.endsWith('/part'))
  expect(left).toHaveLength(2)
})

test('a part that nobody has written to for long is taken over, whoever began it', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const elsewhere = { pid: 1, validator: null, host: 'another-machine' }
  const part = await leavePart(folder, 'net-a', file.subarray(0, 700), elsewhere)
  const hourAgo = Date.now() / 1000 - 3600
  await utimes(part, hourAgo, hourAgo)
  await leavePart(folder, 'net-a', file.subarray(0, 300), { pid: null, validator: null })
  await fetch(folder, publish(file, server.origin))
  expect(server.requests[0]?.headers.range).toBe('bytes=700-')
  expect(await filesOf(folder)).toHaveLength(2)
})

test('a cache that cannot be written is said with the way out', async () => {
  await using folder = await createTestFolder()
  await folder.write('cache', 'a file where the folder should be')
  await expect(fetch(folder, publish(file))).rejects.toMatchObject({
    code: 'CACHE_NOT_WRITABLE',
    hint: expect.stringContaining('ASSAY_CACHE'),
  })
})

test.runIf(existsSync('/dev/full'))('a full disk is said with the way out, and not tried again', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const entry = publish(file, server.origin)
  const run = fetchWeights(entry.id, { cache: folder.at('cache'), catalogue: [entry], env: {} })
  await run.next()
  // Every write of bytes is answered as by a disk without room.
  const part = await leavePart(folder, 'net-a', new Uint8Array(0), { pid: null, validator: null })
  await rm(part)
  await symlink('/dev/full', part)
  await expect(drain(run)).rejects.toMatchObject({
    code: 'CACHE_NOT_WRITABLE',
    message: expect.stringContaining('ENOSPC'),
  })
})

test('http goes through HTTP_PROXY in its absolute form, unless NO_PROXY names the host', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file, { cuts: [1000] }))
  await using proxy = await serveProxy()
  const entry = publish(file, server.origin)
  await fetch(folder, entry, { env: { http_proxy: proxy.origin.replace('http://', '') } })
  expect(proxy.asked).toEqual([entry.url, entry.url])
  const env = { HTTP_PROXY: proxy.origin, NO_PROXY: 'localhost' }
  await fetch(folder, publish(file, server.origin, 'net-b'), { env })
  expect(proxy.asked).toHaveLength(2)
})

test('a proxy of a kind that is not spoken is refused, not passed by', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file))
  const env = { HTTP_PROXY: 'socks5://user:secret@localhost:1080' }
  const error = await fetch(folder, publish(file, server.origin), { env }).catch((e: unknown) => e)
  expect(error).toMatchObject({ message: expect.stringContaining('HTTP_PROXY names a proxy for socks5') })
  expect(JSON.stringify(error)).not.toContain('secret')
  expect(server.requests).toEqual([])
})

test('a certificate that nobody vouches for is refused, with the way to vouch for it', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file), { isSecure: true })
  await expect(fetch(folder, publish(file, server.origin))).rejects.toThrow('NODE_EXTRA_CA_CERTS')
  expect(server.requests).toEqual([])
})

interface LeftNote {
  readonly pid: number | null
  readonly validator: string | null
  readonly host?: string
}

/** What a stopped fetch leaves behind; returns the path of the unfinished file. */
async function leavePart(folder: TestFolder, id: string, bytes: Uint8Array, note: LeftNote): Promise<string> {
  const name = `cache/weights/${id}/download-${bytes.length}-${note.pid}`
  await folder.write(`${name}/note.json`, JSON.stringify({ host: os.hostname(), ...note }))
  return folder.write(`${name}/part`, bytes)
}
