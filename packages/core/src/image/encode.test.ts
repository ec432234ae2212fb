import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeImage } from './decode.ts'
import { encodeJpeg, encodeMaskPng, encodePng, encodeWebp } from './encode.ts'
import { readImageHeader } from './header.ts'

const pictures = fc
  .record({
    w: fc.integer({ min: 1, max: 24 }),
    h: fc.integer({ min: 1, max: 24 }),
    channels: fc.constantFrom<1 | 3>(1, 3),
  })
  .chain(({ w, h, channels }) =>
    fc.record({
      w: fc.constant(w),
      h: fc.constant(h),
      channels: fc.constant(channels),
      pixels: fc.uint8Array({ minLength: w * h * channels, maxLength: w * h * channels }),
    }),
  )

test('PNG brings back every pixel, grey as grey and colour as colour', async () => {
  await fc.assert(
    fc.asyncProperty(pictures, async ({ w, h, channels, pixels }) => {
      const back = await decodeImage(await encodePng(pixels, w, h, channels))
      expect(back).toMatchObject({ width: w, height: h, channels, depth: 8 })
      expect([...back.pixels]).toEqual([...pixels])
    }),
    { numRuns: 60 },
  )
})

test('the bytes of a PNG say 8 bit and the right colour type', async () => {
  // Byte 24 is the bit depth, byte 25 the colour type: 0 grey, 2 RGB, 6 RGB with alpha.
  const kind = async (channels: 1 | 3 | 4): Promise<number[]> => [
    ...(await encodePng(new Uint8Array(6 * channels).fill(9), 3, 2, channels)).subarray(24, 26),
  ]
  expect([await kind(1), await kind(3), await kind(4)]).toEqual([
    [8, 0],
    [8, 2],
    [8, 6],
  ])
})

test('a mask is 0 and 255 whatever marked it, also when it is all one value', async () => {
  const marks = await decodeImage(await encodeMaskPng(Uint8Array.of(0, 1, 2, 128, 255, 0), 3, 2))
  expect([...marks.pixels]).toEqual([0, 255, 255, 255, 255, 0])
  const none = await encodeMaskPng(new Uint8Array(6), 3, 2)
  expect([...none.subarray(24, 26)]).toEqual([8, 0])
  expect([...(await decodeImage(none)).pixels]).toEqual([0, 0, 0, 0, 0, 0])
})

test('equal pixels give equal files', async () => {
  const pixels = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256)
  expect(await encodePng(pixels, 10, 10, 3)).toEqual(await encodePng(pixels, 10, 10, 3))
})

test('a JPEG for reports stays close to its picture and keeps thin coloured lines', async () => {
  const w = 32
  const pixels = new Uint8Array(w * w * 3).fill(90)
  for (let x = 0; x < w; x++) pixels.set([0, 229, 255], (16 * w + x) * 3)
  const bytes = await encodeJpeg(pixels, w, w, 3, { quality: 95 })
  expect(await readImageHeader(bytes)).toMatchObject({ format: 'jpeg', width: w, channels: 3 })
  const back = await decodeImage(bytes)
  const worst = Math.max(...back.pixels.map((v, i) => Math.abs(v - pixels[i]!)))
  expect(worst).toBeLessThan(25)
  expect((await readImageHeader(await encodeJpeg(new Uint8Array(64), 8, 8, 1))).channels).toBe(1)
})

test('pixels that do not fill the picture are refused', async () => {
  await expect(encodePng(new Uint8Array(5), 2, 3, 1)).rejects.toThrow('internal:')
})

test('a WebP for screens is a WebP of the same size', async () => {
  const bytes = await encodeWebp(new Uint8Array(3 * 20 * 10).fill(90), 20, 10, 3)
  expect(await readImageHeader(bytes)).toMatchObject({ format: 'webp', width: 20, height: 10, channels: 3 })
})
