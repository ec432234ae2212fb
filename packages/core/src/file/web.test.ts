import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import * as node from './node.ts'
import * as web from './web.ts'

const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
const server = createServer((request, response) => {
  const code = { '/there.bin': 200, '/broken.bin': 500 }[request.url ?? ''] ?? 404
  response.writeHead(code).end(code === 200 ? content : '')
})
let base: string
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
afterEach(() => void vi.unstubAllGlobals())

test('both sides have the same exports', () => {
  expect(Object.keys(web).toSorted()).toEqual(Object.keys(node).toSorted())
})

test('a file behind an address is read whole, at any place, and summed', async () => {
  expect(await web.readFile(`${base}there.bin`)).toEqual(content)
  await using file = await web.openFile(`${base}there.bin`)
  expect([file.size, file.isFile]).toEqual([1000, true])
  const into = new Uint8Array(8)
  expect(await file.read(into, 2, 4, 300)).toBe(4)
  expect([...into]).toEqual([0, 0, ...content.subarray(300, 304), 0, 0])
  // As from a disk, fewer bytes come at the end, and none behind it.
  expect(await file.read(into, 0, 8, 995)).toBe(5)
  expect(await file.read(into, 0, 8, 2000)).toBe(0)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
  expect(await web.hashFile(`${base}there.bin`)).toEqual(digest)
})

test('a file that is not there has the code of the system, and an error of the server has not', async () => {
  await expect(web.readFile(`${base}gone.bin`)).rejects.toMatchObject({ code: 'ENOENT' })
  const error: unknown = await web.readFile(`${base}broken.bin`).catch((e: unknown) => e)
  expect(error).toMatchObject({ message: expect.stringContaining('500') })
  expect(error).not.toHaveProperty('code')
})

test('a name beside a file is an address beside its address', () => {
  vi.stubGlobal('location', { href: 'https://factory.example/line/page.html' })
  expect(web.besidePath('zones/a.json', 'mask.png')).toBe('https://factory.example/line/zones/mask.png')
  expect(web.besidePath('https://other.example/b/z.json', '../m.png')).toBe('https://other.example/m.png')
})
