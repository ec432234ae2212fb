/** What a slip in the catalogue would break: downloads, sums, and the licence that a card repeats. */
import { expect, test } from 'vitest'

import { fileNameOf, findPublished, publishedWeights } from './catalogue.ts'

test.each(publishedWeights)('$id has a whole entry', (entry) => {
  expect(entry.id).toMatch(/^[a-z0-9][a-z0-9-]*$/)
  expect(entry.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(new URL(entry.url).protocol).toBe('https:')
  expect(fileNameOf(entry)).toMatch(/^[\w.-]+\.pth$/)
  expect(entry.bytes).toBeGreaterThan(40e6)
  expect(['Apache-2.0', 'BSD-3-Clause']).toContain(entry.licence)
  expect(entry.origin).not.toBe('')
})

test('no two entries share an id, an address or a sum', () => {
  for (const key of ['id', 'url', 'sha256'] as const)
    expect(new Set(publishedWeights.map((entry) => entry[key])).size).toBe(publishedWeights.length)
})

test("torchvision's sums begin with the eight digits in the file names", () => {
  const torchvision = publishedWeights.filter(({ url }) => url.includes('download.pytorch.org'))
  expect(torchvision).toHaveLength(4)
  for (const { url, sha256 } of torchvision) expect(url).toContain(`-${sha256.slice(0, 8)}.pth`)
})

test.each([
  // Millions of numbers as torchvision and the papers count them, and bytes for each: this one file is float16.
  ['wide-resnet50-2', 68.9, 2],
  ['resnet18', 11.7, 4],
  ['resnet34', 21.8, 4],
  ['resnet50', 25.6, 4],
  ['dinov2-vit-s14', 22.1, 4],
  ['dinov2-vit-b14', 86.6, 4],
  ['dinov2-vit-l14', 304.4, 4],
  ['sam-vit-b', 93.7, 4],
  ['sam-vit-l', 312.3, 4],
  ['sam-vit-h', 641.1, 4],
])('the size of %s is that of its numbers and little else', (id, millions, width) => {
  expect(findPublished(id).bytes / (millions * 1e6 * width)).toBeCloseTo(1, 1.7)
})

test('four registers make a file a little longer', () => {
  for (const [size, width] of [
    ['s', 384],
    ['b', 768],
    ['l', 1024],
  ] as const) {
    const more = findPublished(`dinov2reg-vit-${size}14`).bytes - findPublished(`dinov2-vit-${size}14`).bytes
    expect(more).toBeGreaterThan(4 * width * 4)
    expect(more).toBeLessThan(4 * width * 4 + 8000)
  }
})

test('an unknown id is answered with the nearest one', () => {
  const error = (() => {
    try {
      return findPublished('sam-vit-x')
    } catch (e) {
      return e
    }
  })()
  expect(error).toMatchObject({
    code: 'WEIGHTS_UNKNOWN',
    params: { suggestion: expect.stringMatching(/^sam-vit/) },
  })
})
