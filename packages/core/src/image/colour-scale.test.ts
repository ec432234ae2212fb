import { expect, test } from 'vitest'
import { createHeatScale, faintestValue, heatColourAt, stepOf, thresholdValue } from './colour-scale.ts'

const scale = createHeatScale()
const at = (value: number) => heatColourAt(scale, value)
const ramp = Array.from({ length: 257 }, (_, i) => at(i / 256))

const toLinear = (byte: number): number => {
  const v = byte / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
}

type Matrix = readonly (readonly [number, number, number])[]
// Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
const sights: Readonly<Record<string, Matrix>> = {
  'full colour': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

/** CIE lightness L* of a colour as seen through a matrix. */
function lightness({ red, green, blue }: (typeof ramp)[number], sight: Matrix): number {
  const rgb = [red, green, blue].map(toLinear)
  const [r, g, b] = sight.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, m, i) => sum + m * rgb[i]!, 0),
      ),
    ),
  )
  const y = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
}

test.each(Object.entries(sights))('with %s, more anomaly always looks lighter', (_, sight) => {
  const seen = ramp.map((colour) => lightness(colour, sight))
  // Bytes are rounded, so single steps may stand still; eight steps must not.
  for (let i = 8; i < seen.length; i++) expect(seen[i]! - seen[i - 8]!, `step ${i}`).toBeGreaterThan(0.5)
  expect(seen.at(-1)! - seen[0]!).toBeGreaterThan(70)
})

test('the steps of the scale are of similar size: no false edges', () => {
  const seen = ramp.map((colour) => lightness(colour, sights['full colour']!))
  const rises = seen.slice(16).map((v, i) => v - seen[i]!)
  expect(Math.max(...rises) / Math.min(...rises)).toBeLessThan(2)
})

test('the colour itself does not jump at the threshold, only its opacity does', () => {
  const [below, on] = [at(0.4999), at(thresholdValue)]
  expect(
    Math.abs(below.red - on.red) + Math.abs(below.green - on.green) + Math.abs(below.blue - on.blue),
  ).toBeLessThan(8)
  expect(on.opacity - below.opacity).toBeGreaterThan(0.2)
})

test('a value just below the threshold is never shown as above it', () => {
  const justBelow = 0.5 - 2 ** -25
  expect(Math.fround(justBelow)).toBeLessThan(0.5)
  expect(stepOf(justBelow)).toBe(127)
  expect(stepOf(thresholdValue)).toBe(128)
})

test('values well below the threshold are not painted', () => {
  expect([at(0), at(0.1), at(faintestValue - 0.01)].map((c) => c.opacity)).toEqual([0, 0, 0])
  expect(at(0.4).opacity).toBeGreaterThan(0)
})

test('values outside the scale take its ends, NaN the bottom', () => {
  expect([stepOf(-3), stepOf(0), stepOf(1), stepOf(7), stepOf(Infinity), stepOf(NaN)]).toEqual([
    0, 0, 256, 256, 256, 0,
  ])
})
