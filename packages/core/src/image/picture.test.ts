import { readdir, readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { decodeImage, openPicture, toRgb8, type Image } from './index.ts'

let temporary: TestFolder
beforeEach(async () => {
  temporary = await createTestFolder()
  vi.stubEnv('TMPDIR', temporary.path)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  // Nothing of a large picture stays behind, whatever happened to it.
  expect(await readdir(temporary.path)).toEqual([])
  await temporary[Symbol.asyncDispose]()
})

async function encode(image: Image, format: 'png' | 'jpeg' | 'tiff' | 'webp'): Promise<Uint8Array> {
  const { width, height, channels, pixels } = image
  return sharp(pixels, { raw: { width, height, channels } })[format]().toBuffer()
}

test.each(['png', 'jpeg', 'tiff', 'webp'] as const)(
  'a large %s is read in bands with the pixels that decoding it whole gives',
  async (format) => {
    const bytes = await encode(drawPicture({ width: 83, height: 61, seed: 4, noise: 30 }), format)
    const whole = toRgb8(await decodeImage(bytes)).pixels
    await using picture = await openPicture(bytes, { heldPixels: 1000 })
    expect([picture.width, picture.height, picture.reduction]).toEqual([83, 61, 3])
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 61 }), async (y, rows) => {
        const count = Math.min(rows, 61 - y)
        expect(await picture.rows(y, count)).toEqual(whole.slice(y * 83 * 3, (y + count) * 83 * 3))
      }),
      { numRuns: 20 },
    )
  },
)

test('grey pictures of 16 bit are read in bands too', async () => {
  const [width, height] = [40, 50]
  const pixels = Uint16Array.from({ length: width * height }, (_, i) => (i * 7919) % 65536)
  const bytes = await sharp(pixels, { raw: { width, height, channels: 1, depth: 'ushort' } as never })
    .toColourspace('grey16')
    .png()
    .toBuffer()
  const expected = toRgb8(await decodeImage(bytes)).pixels
  await using picture = await openPicture(bytes, { heldPixels: 100 })
  expect(await picture.rows(0, height)).toEqual(expected)
})

test('the reduced copy is the mean of squares of pixels, at the edges of what is there', async () => {
  const [width, height] = [7, 5]
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256)
  const bytes = await encode({ width, height, channels: 3, depth: 8, pixels }, 'png')
  await using picture = await openPicture(bytes, { heldPixels: 10 })
  expect(picture.reduction).toBe(2)
  expect([picture.whole.width, picture.whole.height]).toEqual([4, 3])
  for (let y = 0; y < 3; y++)
    for (let x = 0; x < 4; x++)
      for (let c = 0; c < 3; c++) {
        const values = []
        for (let v = 2 * y; v < Math.min(height, 2 * y + 2); v++)
          for (let u = 2 * x; u < Math.min(width, 2 * x + 2); u++)
            values.push(pixels[(v * width + u) * 3 + c] ?? NaN)
        const mean = values.reduce((a, b) => a + b, 0) / values.length
        expect(picture.whole.pixels[(y * 4 + x) * 3 + c]).toBe(Math.round(mean))
      }
})

test('a picture that is small, turned or in memory already is held as it is', async () => {
  const image = drawPicture({ width: 20, height: 30, seed: 1 })
  await using small = await openPicture(await encode(image, 'png'))
  expect([small.reduction, small.whole]).toEqual([1, image])
  await using given = await openPicture(image, { heldPixels: 10 })
  expect(given.whole).toBe(image)
  const turned = await sharp(image.pixels, { raw: { width: 20, height: 30, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer()
  await using upright = await openPicture(turned, { heldPixels: 10 })
  expect([upright.width, upright.height, upright.reduction]).toEqual([30, 20, 1])
})

test('a large picture that is cut or too large is refused by name', async () => {
  await using folder = await createTestFolder()
  const bytes = await encode(drawPicture({ width: 200, height: 200, seed: 4, noise: 30 }), 'png')
  const path = folder.at('cut.png')
  await writeFile(path, bytes.subarray(0, bytes.length - 2000))
  await expect(openPicture(path, { heldPixels: 1000 })).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' })
  await writeFile(path, bytes)
  await expect(openPicture(path, { heldPixels: 10, maxPixels: 1000 })).rejects.toMatchObject({
    code: 'IMAGE_TOO_LARGE',
  })
  expect(await readFile(path)).toHaveLength(bytes.length)
})
