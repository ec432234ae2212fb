import { readFileSync } from 'node:fs'
import { AssayError } from '@assay/contract'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBmp } from './bmp.ts'
import { unpackRle } from './bmp-rle.ts'

const fixture = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../../../../fixtures/image/${name}`, import.meta.url)))

const names = [
  'rgb.bmp',
  'bit1.bmp',
  'bit4-os2.bmp',
  'rgb565.bmp',
  'rgba-v5.bmp',
  'rle8.bmp',
  'rle4.bmp',
  'grey.bmp',
]

test('whatever bytes of a bitmap are damaged, it decodes or is refused, and never breaks', () => {
  const files = names.map(fixture)
  fc.assert(
    fc.property(
      fc.nat(files.length - 1),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (which, changes) => {
        const bytes = files[which]!.slice()
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        // A damaged size may promise more than is worth trying; decodeImage checks it first.
        const view = new DataView(bytes.buffer)
        fc.pre(Math.abs(view.getInt32(18, true)) < 5000 && Math.abs(view.getInt32(22, true)) < 5000)
        try {
          const { width, height, channels, pixels } = decodeBmp(bytes, 'damaged.bmp')
          expect(pixels.length).toBe(width * height * channels)
        } catch (error) {
          expect(error).toBeInstanceOf(AssayError)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('a grey palette gives one channel, a coloured one three', () => {
  expect(decodeBmp(fixture('grey.bmp'), 'a').channels).toBe(1)
  expect(decodeBmp(fixture('palette.bmp'), 'a').channels).toBe(3)
})

test('pictures printed as JPEG inside BMP are refused by number', () => {
  const bytes = fixture('rgb.bmp')
  bytes[30] = 4
  expect(() => decodeBmp(bytes, 'a.bmp')).toThrow('BMP compression 4 with 24 bits per pixel is not read')
})

test('channel masks with gaps are refused', () => {
  const bytes = fixture('rgb565.bmp')
  bytes[54] = 0b1010
  bytes[55] = 0
  expect(() => decodeBmp(bytes, 'a.bmp')).toThrow('masks have gaps')
})

test('an odd absolute run of nibbles keeps its last pixel and its padding', () => {
  // Five literal pixels in three bytes, one byte of padding, a run of one, the end mark.
  const data = Uint8Array.from([0, 5, 0x12, 0x34, 0x50, 0, 1, 0x60, 0, 1])
  expect(unpackRle(data, 6, 1, 4)).toEqual(Uint8Array.from([1, 2, 3, 4, 5, 6]))
})

test('a run that passes the right edge is cut there', () => {
  expect(unpackRle(Uint8Array.from([9, 7, 0, 0, 3, 8, 0, 1]), 3, 2, 8)).toEqual(
    Uint8Array.from([7, 7, 7, 8, 8, 8]),
  )
})

test('a stream without end mark counts as whole once the last row is full', () => {
  expect(unpackRle(Uint8Array.from([2, 5, 0, 0, 2, 6]), 2, 2, 8)).toEqual(Uint8Array.from([5, 5, 6, 6]))
  expect(unpackRle(Uint8Array.from([2, 5, 0, 0, 1, 6]), 2, 2, 8)).toBeUndefined()
})

test('rows below the picture are refused', () => {
  expect(unpackRle(Uint8Array.from([1, 5, 0, 0, 1, 5, 0, 0, 1, 5, 0, 1]), 1, 2, 8)).toBeUndefined()
})
