import { readFileSync } from 'node:fs'
import { AssayError } from '@assay/contract'
import { roundToFloat16 } from '@assay/graph'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFloatTiff, encodeFloatTiff } from './float-tiff.ts'

const fixture = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../../../../fixtures/image/${name}`, import.meta.url)))

const formula = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => ((i * 7919 + 104729) % 10007) / 10007)

const planes = fc
  .record({ w: fc.integer({ min: 1, max: 20 }), h: fc.integer({ min: 1, max: 20 }) })
  .chain(({ w, h }) =>
    fc.record({
      w: fc.constant(w),
      h: fc.constant(h),
      plane: fc.float32Array({ minLength: w * h, maxLength: w * h }),
    }),
  )

test('32-bit maps come back as they were, with infinities and NaN', () => {
  fc.assert(
    fc.property(planes, ({ w, h, plane }) => {
      expect(decodeFloatTiff(encodeFloatTiff(plane, w, h, { bits: 32 }))).toEqual({
        width: w,
        height: h,
        plane,
      })
    }),
  )
})

test('16-bit maps come back rounded to halves', () => {
  fc.assert(
    fc.property(planes, ({ w, h, plane }) => {
      const back = decodeFloatTiff(encodeFloatTiff(plane, w, h, { bits: 16 }))
      expect(back).toEqual({ width: w, height: h, plane: plane.map(roundToFloat16) })
    }),
  )
})

test('a half file is half as large', () => {
  const plane = new Float32Array(1000)
  const size = (bits: 16 | 32): number => encodeFloatTiff(plane, 40, 25, { bits }).length
  expect(size(32) - size(16)).toBe(2000)
})

test('maps by tifffile are read: strips, big-endian, 16, 32 and 64 bit', () => {
  const want = Float32Array.from(formula(35))
  expect(decodeFloatTiff(fixture('map-strips-big-endian.tif'))).toEqual({ width: 7, height: 5, plane: want })
  expect(decodeFloatTiff(fixture('refused-float32.tif')).plane).toEqual(want)
  expect(decodeFloatTiff(fixture('refused-float64.tif')).plane).toEqual(want)
  expect(decodeFloatTiff(fixture('refused-float16.tif')).plane).toEqual(want.map(roundToFloat16))
})

test('pictures are not taken for maps', () => {
  expect(() => decodeFloatTiff(fixture('grey16.tif'), { name: 'grey16.tif' })).toThrow(
    'Cannot use grey16.tif: it has 16-bit samples of format 1, not floats.',
  )
  expect(() => decodeFloatTiff(fixture('rgb.png'))).toThrow('it is not a TIFF file')
})

test('a cut file is refused wherever it is cut', () => {
  const whole = encodeFloatTiff(new Float32Array(12), 4, 3, { bits: 32 })
  for (let length = 0; length < whole.length; length++)
    expect(() => decodeFloatTiff(whole.subarray(0, length)), `${length} bytes`).toThrow(AssayError)
})

test('whatever bytes are damaged, a map is read or refused, and never breaks', () => {
  const whole = encodeFloatTiff(Float32Array.from(formula(12)), 4, 3, { bits: 16 })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (changes) => {
        const bytes = whole.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          const { width, height, plane } = decodeFloatTiff(bytes)
          expect(plane.length).toBe(width * height)
        } catch (error) {
          expect(error).toBeInstanceOf(AssayError)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
