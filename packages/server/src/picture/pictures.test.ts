import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { decodeImage, encodeFloatTiff, encodePng, readImageHeader } from '@assay/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPictures } from './pictures.ts'
import type { Pictures } from '../services.ts'

let folder: TestFolder
let pictures: Pictures
beforeAll(async () => {
  folder = await createTestFolder()
  pictures = createPictures({ maxPixels: 100_000, timeoutMs: 60_000 })
})
afterAll(async () => {
  await pictures.close()
  await folder[Symbol.asyncDispose]()
})

test('a whole picture is described; a cut, foreign or oversized one is refused by its name', async () => {
  const bytes = await encodePng(
    new Uint8Array(300 * 200 * 3).map((_, i) => (i * 31) % 256),
    300,
    200,
    3,
  )
  const whole = await folder.write('whole', bytes)
  expect(await pictures.examine(whole, 'whole.png')).toEqual({
    width: 300,
    height: 200,
    channels: 3,
    depth: 8,
    format: 'png',
  })
  const cut = await folder.write('cut', bytes.subarray(0, bytes.length / 2))
  await expect(pictures.examine(cut, 'cut.png')).rejects.toMatchObject({
    code: 'IMAGE_UNREADABLE',
    message: expect.stringContaining('cut.png'),
  })
  const foreign = await folder.write('foreign', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await expect(pictures.examine(foreign, 'a.svg')).rejects.toMatchObject({
    code: expect.stringMatching(/^IMAGE_/),
  })
  // A header that promises more than there is: refused before anything is decoded.
  const bomb = Buffer.from(bytes)
  bomb.writeUInt32BE(60_000, 16)
  bomb.writeUInt32BE(60_000, 20)
  await expect(pictures.examine(await folder.write('bomb', bomb), 'bomb.png')).rejects.toMatchObject({
    code: expect.stringMatching(/^IMAGE_(TOO_LARGE|UNREADABLE)$/),
  })
})

test('a view is a WebP that fits the side and is never enlarged', async () => {
  const path = await folder.write('view', await encodePng(new Uint8Array(300 * 150), 300, 150, 1))
  expect(await readImageHeader(await pictures.view(path, 100))).toMatchObject({
    format: 'webp',
    width: 100,
    height: 50,
  })
  expect(await readImageHeader(await pictures.view(path, 1000))).toMatchObject({ width: 300, height: 150 })
})

test('a mask becomes black and white, and one of another size is refused', async () => {
  const path = await folder.write('mask', await encodePng(Uint8Array.of(0, 7, 0, 255), 2, 2, 1))
  const mask = await decodeImage(await pictures.mask(path, { name: 'a.png', width: 2, height: 2 }))
  expect([...mask.pixels]).toEqual([0, 255, 0, 255])
  await expect(pictures.mask(path, { name: 'a.png', width: 3, height: 2 })).rejects.toMatchObject({
    code: 'DATA_MASK_MISMATCH',
  })
})

test('a map is drawn with the threshold in the middle', async () => {
  const path = await folder.write(
    'map',
    encodeFloatTiff(Float32Array.of(-100, 2, 100, 3), 2, 2, { bits: 32 }),
  )
  const map = await decodeImage(await pictures.mapPng(path, { threshold: 2, scale: 1 }))
  expect([...map.pixels]).toEqual([0, 128, 255, Math.round(255 / (1 + Math.exp(-1)))])
})
