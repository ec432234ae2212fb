import fc from 'fast-check'
import { expect, test } from 'vitest'

import { placeImage, prepareImage } from './input.ts'
import { samPlans } from './plan.ts'
import { placePrompt } from './prompt.ts'
import { formulaImage, tinyPlan } from './testing/formula.ts'

const plan = samPlans[0]!
const side = fc.integer({ min: 1, max: 20_000 })

test('the longest side becomes that of the encoder, and the other keeps its share', () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const { insideWidth, insideHeight } = placeImage(width, height, plan)
      expect(Math.max(insideWidth, insideHeight)).toBe(1024)
      expect(Math.min(insideWidth, insideHeight)).toBeGreaterThanOrEqual(1)
      const exact = (1024 * Math.min(width, height)) / Math.max(width, height)
      expect(Math.abs(Math.max(exact, 1) - Math.min(insideWidth, insideHeight))).toBeLessThanOrEqual(0.5)
    }),
  )
})

test('halves are rounded up', () => {
  // 1024 * 5 / 2048 is 2.5.
  expect(placeImage(2048, 5, plan).insideHeight).toBe(3)
})

test('the padding is zero after normalisation, not a black that was normalised', () => {
  const { data } = prepareImage({ ...formulaImage(224, 56), pixels: new Uint8Array(224 * 56 * 3) }, tinyPlan)
  const plane = Array.from(data.subarray(0, 224 * 224) as Float32Array)
  expect(new Set(plane.slice(0, 224 * 56))).toEqual(new Set([Math.fround(-123.675 / 58.395)]))
  expect(new Set(plane.slice(224 * 56))).toEqual(new Set([0]))
})

test('a grey picture is refused', () => {
  const grey = { width: 2, height: 2, channels: 1, depth: 8, pixels: new Uint8Array(4) } as const
  expect(() => prepareImage(grey, tinyPlan)).toThrow('three channels')
})

test('prompts are scaled with the picture, and points without a box get a token in its place', () => {
  const placement = placeImage(100, 50, { ...plan, imageSize: 200 })
  const point = { x: 10, y: 20, isForeground: true }
  const placed = (prompt: Parameters<typeof placePrompt>[0]): unknown[] => {
    const { points, labels } = placePrompt(prompt, placement)
    expect([points.shape, labels.shape]).toEqual([
      [1, labels.data.length, 2],
      [1, labels.data.length],
    ])
    return [Array.from(points.data, Number), Array.from(labels.data, Number)]
  }
  expect(placed({ box: [1, 2, 30, 40] })).toEqual([
    [2, 4, 60, 80],
    [2, 3],
  ])
  expect(placed({ points: [point, { ...point, isForeground: false }] })).toEqual([
    [20, 40, 20, 40, 0, 0],
    [1, 0, -1],
  ])
  expect(placed({ points: [point], box: [0, 0, 100, 50] })).toEqual([
    [20, 40, 0, 0, 200, 100],
    [1, 2, 3],
  ])
  expect(() => placed({ points: [] })).toThrow('neither a box nor a point')
})
