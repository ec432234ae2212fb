import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { erode } from '../../image/index.ts'
import { createRandom } from '../../random.ts'
import { findRegions, labelComponents } from '../../region/index.ts'
import { type AnomalyMap, fitBinariser, maskAbove } from '../binariser.ts'
import { countComponents } from './count.ts'
import { erodedPeak } from './eroded-peak.ts'
import { toLevels } from './level.ts'
import { findMebinThreshold, mebin } from './mebin.ts'
import { sweepComponents } from './sweep.ts'

interface Bump {
  readonly x: number
  readonly y: number
  readonly reach: number
  readonly strength: number
}

function drawMap(stream: number, bumps: readonly Bump[] = [], noise = 0.02): AnomalyMap {
  const [width, height] = [96, 72]
  const values = new Float32Array(width * height)
  createRandom(3, stream).fillNormal(values, noise)
  for (let i = 0; i < values.length; i++)
    for (const { x, y, reach, strength } of bumps) {
      const square = ((i % width) - x) ** 2 + (Math.trunc(i / width) - y) ** 2
      values[i] = values[i]! + strength * Math.exp(-square / (2 * reach * reach))
    }
  return { width, height, values }
}

/** A small plane with plateaus, ridges and ties. */
const anyLevels = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 })).chain(([w, h]) =>
  fc.record({
    width: fc.constant(w),
    height: fc.constant(h),
    levels: fc
      .integer({ min: 1, max: 64 })
      .chain((top) => fc.array(fc.integer({ min: 0, max: top }), { minLength: w * h, maxLength: w * h })),
  }),
)

test('counts of one pass equal 64 labellings', () => {
  fc.assert(
    fc.property(anyLevels, ({ width, height, levels }) => {
      const plane = Uint8Array.from(levels)
      const slow = Array.from({ length: 64 }, (_, k) => {
        const mask = plane.map((level) => (level > k ? 1 : 0))
        return labelComponents(mask, width, height).count
      })
      expect([...countComponents(plane, width, height, 64)]).toEqual(slow)
    }),
    { numRuns: 1000 },
  )
})

test('counts of the sweep equal thresholding, eroding and labelling at every step', () => {
  const cuts = Float64Array.from({ length: 64 }, (_, k) => -0.5 + k / 40)
  for (let seed = 0; seed < 6; seed++) {
    const bumps = Array.from({ length: 6 }, (_, b) => ({
      x: (b * 37 + seed * 11) % 96,
      y: (b * 23 + seed * 7) % 72,
      reach: 2 + ((b + seed) % 5),
      strength: 0.3 + (b % 3) / 3,
    }))
    const map = drawMap(seed, bumps)
    const slow = Array.from(cuts, (cut) => {
      const eroded = erode(maskAbove(map.values, cut), map.width, map.height, 6)
      return labelComponents(eroded, map.width, map.height).count
    })
    expect([...sweepComponents(map, cuts, 6)]).toEqual(slow.reverse())
  }
})

test('levels are counted against the cuts themselves, however they are spaced', () => {
  const value = fc.oneof(
    fc.float({ min: -4, max: 4, noNaN: true }),
    fc.constantFrom(Infinity, -Infinity, NaN),
  )
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 30 }),
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (list, unsorted, infinite) => {
        const values = Float32Array.from(list)
        const cuts = Float64Array.from([...unsorted, ...(infinite ? [Infinity] : [])]).sort()
        const slow = Array.from(values, (v) => cuts.filter((cut) => v > cut).length)
        expect([...toLevels(values, cuts)]).toEqual(slow)
      },
    ),
    { numRuns: 500 },
  )
})

test('the eroded peak is where the eroded mask becomes empty', () => {
  for (const side of [1, 3, 6]) {
    const map = drawMap(side, [{ x: 1, y: 70, reach: 3, strength: 1 }])
    const peak = erodedPeak(map, side)
    const survives = (threshold: number): boolean =>
      erode(maskAbove(map.values, threshold), map.width, map.height, side).some((value) => value !== 0)
    expect(survives(peak)).toBe(false)
    expect(survives(peak - 1e-6)).toBe(true)
    expect(erodedPeak(map, side, peak + 1)).toBe(peak + 1)
  }
})

test('good parts never seen get an empty mask about as often as asked for', async () => {
  const options = { ...mebin.defaults, falseMasks: 0.2 }
  const texture = (i: number): AnomalyMap => drawMap(i, [{ x: 40, y: 30, reach: 9, strength: (i % 13) / 13 }])
  const good = Array.from({ length: 60 }, (_, i) => texture(7 * i))
  const state = await fitBinariser(mebin, good, options)
  const shown = Array.from({ length: 130 }, (_, i) => texture(5000 + i)).filter((map) =>
    mebin.binarise(map, state!, options).some((value) => value !== 0),
  )
  expect(shown.length / 130).toBeGreaterThan(0.05)
  expect(shown.length / 130).toBeLessThan(0.35)
})

test('the mask of an image does not depend on the unit of the map', () => {
  const map = drawMap(1, [{ x: 30, y: 30, reach: 5, strength: 1 }])
  const scaled = { ...map, values: map.values.map((value) => value * 1024 - 4096) }
  const mask = mebin.binarise(map, { lower: 0.25, upper: 0.75 }, mebin.defaults)
  expect(mask.some((value) => value !== 0)).toBe(true)
  expect(mebin.binarise(scaled, { lower: 256 - 4096, upper: 768 - 4096 }, mebin.defaults)).toEqual(mask)
})

test('a faint defect beside a strong one is not lost', () => {
  const map = drawMap(2, [
    { x: 20, y: 20, reach: 5, strength: 20 },
    { x: 70, y: 50, reach: 5, strength: 0.6 },
  ])
  const { width, height } = map
  const mask = mebin.binarise(map, { lower: 0.2, upper: 0.4 }, mebin.defaults)
  expect(findRegions(mask, width, height).length).toBe(2)
  // The published rule: a range up to the strongest defect, and the longest run.
  const published = { ...mebin.defaults, interval: 'longest' } as const
  const longest = mebin.binarise(map, { lower: 0.2, upper: 20 }, published)
  expect(findRegions(longest, width, height).length).toBe(1)
})

test('two defects whose feet touch at the bound of good parts are told apart', () => {
  const bumps = [30, 44].map((x) => ({ x, y: 30, reach: 4, strength: 1 }))
  const map = drawMap(3, bumps, 0)
  const { width, height } = map
  const options = { ...mebin.defaults, erosionPx: 1 }
  const state = { lower: 0.43, upper: 0.7 }
  expect(findRegions(maskAbove(map.values, state.lower), width, height).length).toBe(1)
  expect(findMebinThreshold(map, state, options)).toBeGreaterThan(state.lower)
  expect(findRegions(mebin.binarise(map, state, options), width, height).length).toBe(2)
})

test('a speck smaller than the square is no defect, and a region is not eroded', () => {
  const map: AnomalyMap = { width: 20, height: 10, values: new Float32Array(200) }
  map.values[25] = 9
  for (let y = 4; y < 8; y++) for (let x = 10; x < 15; x++) map.values[y * 20 + x] = 1
  const mask = mebin.binarise(map, { lower: 0.5, upper: 0.8 }, mebin.defaults)
  expect(findRegions(mask, 20, 10)).toMatchObject([{ box: [10, 4, 5, 4], areaPx: 20 }])
})

test('an image that rises above the bound shows something even if no number of regions is stable', () => {
  // A staircase: every step of the sweep has another number of regions.
  const map: AnomalyMap = { width: 64 * 5, height: 3, values: new Float32Array(64 * 5 * 3) }
  for (let i = 0; i < 64; i++)
    for (let k = 0; k < 9; k++) map.values[Math.trunc(k / 3) * map.width + i * 5 + (k % 3)] = i + 1
  expect(findMebinThreshold(map, { lower: 0, upper: 64 }, mebin.defaults)).toBe(0)
  expect(
    mebin.binarise(map, { lower: 0, upper: 64 }, mebin.defaults).filter((value) => value !== 0).length,
  ).toBe(64 * 9)
})
