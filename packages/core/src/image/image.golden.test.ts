import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { toFloat16Bits } from '@assay/graph'
import { describe, expect, test } from 'vitest'
import { centreCrop, resizeShortSide } from './crop.ts'
import { gaussianFilter, smoothInpMap, squareGaussianKernel } from './gaussian.ts'
import { interpolateBilinear } from './interpolate.ts'
import { dilate, erode } from './morphology.ts'
import { resizeNearest } from './nearest.ts'
import { resizeLinearOpenCv, resizePlaneLinearOpenCv } from './resize-opencv.ts'
import { resizeBilinear, resizePlane } from './resize.ts'
import { zoomLinear } from './zoom.ts'

// PIL, OpenCV, PyTorch and scipy on formula inputs; provenance and versions are in the file.
interface Golden {
  readonly values: Readonly<Record<string, readonly (readonly number[])[]>>
  readonly resize: readonly (Readonly<Record<string, number>> & Sizes)[]
  readonly gaussian: readonly { readonly size: Size; readonly sigma: number; readonly gaussian: number }[]
  readonly morphology: readonly { readonly kernel: Size; readonly erode: number; readonly dilate: number }[]
  readonly torch_bilinear: readonly (Sizes & {
    readonly corners_free: number
    readonly corners_aligned: number
  })[]
}
type Size = readonly [height: number, width: number]
interface Sizes {
  readonly from: Size
  readonly to: Size
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../fixtures/golden/image.json', import.meta.url), 'utf8'),
) as Golden

const f64 = (n: number, a: number): number[] =>
  Array.from({ length: n }, (_, i) => ((i * a + 104729) % 10007) / 10007)
const f32 = (h: number, w: number, a = 7919): Float32Array => Float32Array.from(f64(h * w, a))
const u8 = (h: number, w: number, a = 7919): Uint8Array =>
  Uint8Array.from(f64(h * w, a), (v) => Math.floor(256 * v))
const values = (name: string): number[] => golden.values[name]!.flat()
const floats = (name: string): number[] => values(name).map(Math.fround)
const sum = (data: Uint8Array | Float32Array): number =>
  crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))

/** The largest difference between two lists of the same length. */
function worst(got: Iterable<number>, want: readonly number[]): number {
  const list = [...got]
  expect(list.length).toBe(want.length)
  return Math.max(...list.map((v, i) => Math.abs(v - want[i]!)))
}

describe('PIL, to the bit', () => {
  test.each([
    [9, 11],
    [24, 31],
  ])('bilinear bytes 17 x 23 to %i x %i', (h, w) => {
    expect([...resizeBilinear(u8(17, 23), 23, 17, 1, w, h)]).toEqual(
      values(`pil_bilinear_u8_17x23_to_${h}x${w}`),
    )
  })

  test('bilinear floats', () => {
    expect([...resizePlane(f32(17, 23), 23, 17, 11, 9)]).toEqual(floats('pil_bilinear_F_17x23_to_9x11'))
  })

  test('nearest', () => {
    expect([...resizeNearest(u8(17, 23), 23, 17, 1, 11, 9, 'pil')]).toEqual(
      values('pil_nearest_u8_17x23_to_9x11'),
    )
  })
})

describe('torchvision on PIL images, to the bit', () => {
  const resized = resizeShortSide(u8(17, 23), 23, 17, 1, 13)

  test('Resize(13) keeps the ratio and truncates the long side', () => {
    expect([resized.width, resized.height]).toEqual(values('torchvision_Resize13_17x23_size_wh'))
  })

  test('CenterCrop(10) of it', () => {
    expect([...centreCrop(resized.pixels, resized.width, resized.height, 1, 10, 10)]).toEqual(
      values('torchvision_Resize13_CenterCrop10'),
    )
  })

  test('CenterCrop of a smaller picture pads with zeros, the odd one at the end', () => {
    expect([...centreCrop(u8(5, 8), 8, 5, 1, 12, 12)]).toEqual(values('torchvision_CenterCrop12_of_5x8'))
  })
})

describe('OpenCV, to the bit', () => {
  test.each([
    [9, 11],
    [24, 31],
  ])('linear bytes 17 x 23 to %i x %i', (h, w) => {
    expect([...resizeLinearOpenCv(u8(17, 23), 23, 17, 1, w, h)]).toEqual(
      values(`cv2_linear_u8_17x23_to_${h}x${w}`),
    )
  })

  test('linear floats', () => {
    expect([...resizePlaneLinearOpenCv(f32(17, 23), 23, 17, 31, 24)]).toEqual(
      floats('cv2_linear_f32_17x23_to_24x31'),
    )
  })

  test('nearest', () => {
    expect([...resizeNearest(u8(17, 23), 23, 17, 1, 11, 9, 'opencv')]).toEqual(
      values('cv2_nearest_u8_17x23_to_9x11'),
    )
  })

  test('erosion by six and dilation by five', () => {
    const spots = Uint8Array.from(f32(24, 26, 31), (v) => (v > Math.fround(0.08) ? 255 : 0))
    const dots = Uint8Array.from(f32(24, 26, 31), (v) => (v < Math.fround(0.02) ? 1 : 0))
    expect([...erode(spots, 26, 24, 6)]).toEqual(values('erode6_24x26'))
    expect([...dilate(dots, 26, 24, 5)]).toEqual(values('dilate5_24x26'))
  })
})

describe('PyTorch', () => {
  // PyTorch's vector and scalar code round differently; values are below 1, one unit in the last place
  // is 6e-8.
  const roundings = 2e-7

  test('F.interpolate bilinear, both corner conventions', () => {
    const free = interpolateBilinear(f32(9, 7), 9, 7, 20, 15, { alignCorners: false })
    expect(worst(free, floats('F_bilinear_acFalse_9x7_to_20x15'))).toBeLessThanOrEqual(roundings)
    const aligned = interpolateBilinear(f32(9, 7), 9, 7, 20, 15, { alignCorners: true })
    expect(worst(aligned, floats('F_bilinear_acTrue_9x7_to_20x15'))).toBeLessThanOrEqual(roundings)
  })

  test('F.interpolate nearest, to the bit', () => {
    expect([...resizeNearest(f32(9, 7), 7, 9, 1, 4, 5, 'torch')]).toEqual(floats('F_nearest_9x7_to_5x4'))
  })

  test('the kernel and convolution of INP-Former', () => {
    expect(worst(squareGaussianKernel(5, 4), floats('inp_gauss5_s4_kernel'))).toBeLessThanOrEqual(4e-9)
    expect(worst(smoothInpMap(f32(9, 7), 9, 7), floats('inp_gauss5_s4_conv_pad2_9x7'))).toBeLessThanOrEqual(
      roundings,
    )
  })
})

describe('scipy and NumPy, to the bit', () => {
  test('gaussian_filter with sigma 4', () => {
    expect([...gaussianFilter(f32(20, 22), 20, 22, 4)]).toEqual(floats('gaussian_filter_s4_f32_20x22'))
  })

  test('zoom of doubles and of bytes', () => {
    const plane = Float64Array.from(f32(9, 7))
    expect([...zoomLinear(plane, 9, 7, 14, 5)]).toEqual(values('zoom_order1_f64_9x7_to_14x5'))
    expect([...zoomLinear(u8(17, 23), 17, 23, 9, 11)]).toEqual(values('zoom_order1_u8_17x23_to_9x11'))
  })

  test('float16', () => {
    const scaled = f32(5, 8).map((v) => v * 700)
    expect(Array.from(scaled, toFloat16Bits)).toEqual(values('float16_of_f32_times_700'))
  })
})

describe('whole results by checksum', () => {
  test.each(golden.resize.map((row) => [`${row.from.join(' x ')} to ${row.to.join(' x ')}`, row] as const))(
    'resizing %s',
    (_, row) => {
      const [h, w] = row.from
      const [newH, newW] = row.to
      const [grey, rgb, plane] = [u8(h, w), u8(h, w * 3), f32(h, w)]
      const got: Record<string, number> = {
        pil_bilinear_L: sum(resizeBilinear(grey, w, h, 1, newW, newH)),
        pil_bilinear_RGB: sum(resizeBilinear(rgb, w, h, 3, newW, newH)),
        pil_bilinear_F: sum(resizePlane(plane, w, h, newW, newH)),
        pil_nearest: sum(resizeNearest(grey, w, h, 1, newW, newH, 'pil')),
        torch_nearest: sum(resizeNearest(plane, w, h, 1, newW, newH, 'torch')),
        cv2_nearest: sum(resizeNearest(grey, w, h, 1, newW, newH, 'opencv')),
        cv2_linear_u8: sum(resizeLinearOpenCv(rgb, w, h, 3, newW, newH)),
        cv2_linear_f32: sum(resizePlaneLinearOpenCv(plane, w, h, newW, newH)),
        zoom_f32: sum(zoomLinear(plane, h, w, newH, newW, { overshoot: 'zero' })),
        zoom_u8: sum(zoomLinear(grey, h, w, newH, newW, { overshoot: 'zero' })),
      }
      const { from: _from, to: _to, ...want } = row
      expect(got).toEqual(want)
    },
  )

  test.each(golden.gaussian)(
    'gaussian_filter $size with sigma $sigma',
    ({ size: [h, w], sigma, gaussian }) => {
      expect(sum(gaussianFilter(f32(h, w), h, w, sigma))).toBe(gaussian)
    },
  )

  test.each(golden.morphology)('erosion and dilation by $kernel', ({ kernel: [height, width], ...want }) => {
    const plane = u8(31, 29)
    expect({
      erode: sum(erode(plane, 29, 31, { width, height })),
      dilate: sum(dilate(plane, 29, 31, { width, height })),
    }).toEqual(want)
  })

  test.each(golden.torch_bilinear)(
    'F.interpolate of a map $from to $to',
    ({ from: [h, w], to: [newH, newW], ...want }) => {
      expect({
        corners_free: sum(interpolateBilinear(f32(h, w), h, w, newH, newW, { alignCorners: false })),
        corners_aligned: sum(interpolateBilinear(f32(h, w), h, w, newH, newW, { alignCorners: true })),
      }).toEqual(want)
    },
  )
})
