import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHeatScale, heatColourAt } from './colour-scale.ts'
import { drawContour } from './contour.ts'
import type { Image } from './image.ts'
import { drawOverlay, paintHeatMap } from './overlay.ts'

const plain = (width: number, height: number, value: number): Image => ({
  width,
  height,
  channels: 3,
  depth: 8,
  pixels: new Uint8Array(width * height * 3).fill(value),
})

const pixel = (pixels: Uint8Array, i: number): number[] => [...pixels.subarray(i * 3, i * 3 + 3)]

describe('the heat map', () => {
  test('a good part keeps every pixel, however its noise is shaped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 60 }), fc.nat(), (pixels, seed) => {
        const scores = Float32Array.from({ length: 20 }, (_, i) => (((i + 1) * (seed % 97)) % 25) / 101)
        const image: Image = { width: 5, height: 4, channels: 3, depth: 8, pixels }
        expect(drawOverlay(image, { scores }).pixels).toEqual(pixels)
      }),
    )
  })

  test('one value has one colour, whatever else is in the map', () => {
    const alone = drawOverlay(plain(2, 1, 100), { scores: Float32Array.of(0.6, 0) })
    const among = drawOverlay(plain(2, 1, 100), { scores: Float32Array.of(0.6, 1) })
    expect(pixel(alone.pixels, 0)).toEqual(pixel(among.pixels, 0))
    expect(pixel(alone.pixels, 1)).toEqual([100, 100, 100])
  })

  test('the colour is blended with the picture by the opacity of the scale', () => {
    const { red, opacity } = heatColourAt(createHeatScale(), 1)
    const drawn = drawOverlay(plain(1, 1, 40), { scores: Float32Array.of(1) })
    expect(drawn.pixels[0]).toBe(Math.round(40 + (red - 40) * opacity))
  })

  test('strength 0 shows the picture, NaN paints nothing', () => {
    expect(drawOverlay(plain(1, 1, 40), { scores: Float32Array.of(1) }, { strength: 0 }).pixels).toEqual(
      Uint8Array.of(40, 40, 40),
    )
    expect(drawOverlay(plain(1, 1, 40), { scores: Float32Array.of(NaN) }).pixels).toEqual(
      Uint8Array.of(40, 40, 40),
    )
  })

  test('grey and 16-bit pictures are shown too', () => {
    const image: Image = { width: 2, height: 1, channels: 1, depth: 16, pixels: Uint16Array.of(0, 65535) }
    expect([...drawOverlay(image, {}).pixels]).toEqual([0, 0, 0, 255, 255, 255])
  })

  test('the layer alone is transparent below the threshold and has the colours of the overlay', () => {
    const layer = paintHeatMap(Float32Array.of(0.1, 0.5), 2, 1)
    const { red, green, blue, opacity } = heatColourAt(createHeatScale(), 0.5)
    expect([...layer]).toEqual([0, 0, 0, 0, red, green, blue, Math.round(opacity * 255)])
  })

  test('the picture that was given is not written to', () => {
    const image = plain(3, 3, 10)
    const drawn = drawOverlay(image, { scores: new Float32Array(9).fill(1), mask: new Uint8Array(9).fill(1) })
    expect(image.pixels.every((v) => v === 10)).toBe(true)
    expect(drawOverlay(image, {}).pixels.buffer).not.toBe(image.pixels.buffer)
    expect(drawn.pixels).not.toEqual(image.pixels)
  })

  test('a map of another size is a fault of ours', () => {
    expect(() => drawOverlay(plain(3, 3, 0), { scores: new Float32Array(8) })).toThrow('internal:')
    expect(() => drawOverlay(plain(3, 3, 0), { mask: new Uint8Array(10) })).toThrow('internal:')
  })
})

describe('the contour', () => {
  test('a defect of one pixel is framed by a bright and a dark ring and stays visible', () => {
    const mask = new Uint8Array(49)
    mask[24] = 255
    const drawn = drawContour(new Uint8Array(49 * 3).fill(77), mask, 7, 7, { widthPx: 1 })
    const rows = Array.from({ length: 7 }, (_, y) =>
      Array.from(
        { length: 7 },
        (_, x) => ({ 77: '.', 0: drawn[(y * 7 + x) * 3 + 2] === 255 ? 'c' : '#' })[drawn[(y * 7 + x) * 3]!],
      ).join(''),
    )
    expect(rows).toEqual(['.......', '.#####.', '.#ccc#.', '.#c.c#.', '.#ccc#.', '.#####.', '.......'])
  })

  test('nothing inside any mask is painted over', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        (bits, widthPx) => {
          const mask = Uint8Array.from(bits, Number)
          const drawn = drawContour(new Uint8Array(240).fill(55), mask, 10, 8, { widthPx })
          mask.forEach((v, i) => v === 1 && expect(pixel(drawn, i)).toEqual([55, 55, 55]))
        },
      ),
    )
  })

  test('no mask, no line; a mask of the whole picture has no outside to draw on', () => {
    const pixels = new Uint8Array(48).fill(9)
    expect(drawContour(pixels, new Uint8Array(16), 4, 4)).toEqual(pixels)
    expect(drawContour(pixels, new Uint8Array(16).fill(1), 4, 4)).toEqual(pixels)
  })

  test('the line grows with the picture, so that it is still seen when scaled to a screen', () => {
    const mask = new Uint8Array(2400 * 20)
    mask[10 * 2400 + 1200] = 1
    const drawn = drawContour(new Uint8Array(2400 * 20 * 3), mask, 2400, 20)
    const line = [...drawn.subarray(10 * 7200, 11 * 7200)].filter((v) => v === 255)
    expect(line.length).toBe(6)
  })
})
