import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStitcher, planTiles } from './index.ts'
import type { Blend, Stitcher, TilePlan } from './index.ts'

const plans = fc
  .record({
    width: fc.integer({ min: 1, max: 70 }),
    height: fc.integer({ min: 1, max: 70 }),
    windowWidth: fc.integer({ min: 1, max: 40 }),
    windowHeight: fc.integer({ min: 1, max: 40 }),
    overlap: fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9),
    edge: fc.constantFrom('shift' as const, 'pad' as const),
  })
  .map(({ windowWidth, windowHeight, overlap, edge, ...image }) =>
    planTiles(image, { window: { width: windowWidth, height: windowHeight }, overlap, edge }),
  )
const blends = fc.constantFrom<Blend>('cosine', 'mean')
const scales = fc.constantFrom(1, 0.25, 0.5, 1.7)

/** The part of `field` that a tile shows. */
function drawMap(stitcher: Stitcher, tile: number, field: (x: number, y: number) => number): Float32Array {
  const { x, y, width, height } = stitcher.placeOf(tile)
  return Float32Array.from({ length: width * height }, (_, i) =>
    field(x + (i % width), y + Math.trunc(i / width)),
  )
}

const field = (x: number, y: number): number => Math.sin(x * 1.3 + y * 0.7) * 1000 + 3000

function expectField(plane: Float32Array, width: number, firstRow = 0): void {
  for (const [i, value] of plane.entries()) {
    const want = field(i % width, firstRow + Math.trunc(i / width))
    // Up to 100 tiles share a pixel, each rounded to float32.
    if (Math.abs(value - want) > want * 1e-5) expect.fail(`pixel ${i} is ${value}, not ${want}`)
  }
}

test('stitching what was cut gives the image back, whatever the plan, the scale and the order', () => {
  fc.assert(
    fc.property(plans, blends, scales, fc.infiniteStream(fc.nat()), (plan, blend, scale, keys) => {
      const stitcher = createStitcher(plan, { blend, scale })
      const order = plan.tiles.map((_, i) => ({ i, key: keys.next().value! })).sort((a, b) => a.key - b.key)
      for (const { i } of order) stitcher.add(i, drawMap(stitcher, i, field))
      const map = stitcher.finish()
      expect(map.length).toBe(stitcher.width * stitcher.height)
      expectField(map, stitcher.width)
    }),
  )
})

test('rows are handed over once, in order, final, and as soon as no tile to come touches them', () => {
  fc.assert(
    fc.property(plans, blends, (plan, blend) => {
      const stitcher = createStitcher(plan, { blend })
      let next = 0
      for (const [i, tile] of plan.tiles.entries()) {
        stitcher.add(i, drawMap(stitcher, i, field))
        const rows = stitcher.take()
        if (rows !== null) {
          expect(rows.y).toBe(next)
          expectField(rows.plane, plan.width, rows.y)
          next += rows.height
        }
        const following = plan.tiles[i + 1]
        const isRowDone = tile.column === plan.columns - 1
        expect(next).toBe(following === undefined ? plan.height : isRowDone ? following.y : tile.y)
      }
      expect(stitcher.take()).toBe(null)
      expect(stitcher.rowsHeld).toBe(0)
    }),
  )
})

test('tiles in order hold no more rows than a window is high, a row of tiles ahead no more than a step above', () => {
  fc.assert(
    fc.property(plans, fc.boolean(), (plan, isAhead) => {
      const stitcher = createStitcher(plan)
      const bound =
        plan.window.height + (isAhead ? Math.max(1, Math.trunc(plan.window.height * (1 - plan.overlap))) : 0)
      const order = [...plan.tiles.keys()]
      // The last tile of each row comes after the first of the next.
      if (isAhead && plan.columns > 1)
        for (let i = plan.columns; i < order.length; i += plan.columns)
          [order[i - 1], order[i]] = [order[i]!, order[i - 1]!]
      for (const i of order) {
        stitcher.add(i, drawMap(stitcher, i, field))
        expect(stitcher.rowsHeld).toBeLessThanOrEqual(bound)
        stitcher.take()
      }
    }),
  )
})

/** The weight of one tile at each pixel: its map is 1 and the others' are 0. */
function weightsOf(plan: TilePlan, wanted: number, blend: Blend): Float32Array {
  const stitcher = createStitcher(plan, { blend })
  for (const i of plan.tiles.keys())
    stitcher.add(
      i,
      drawMap(stitcher, i, () => (i === wanted ? 1 : 0)),
    )
  return stitcher.finish()
}

test('every tile counts at every pixel that it shows, and nowhere else', () => {
  fc.assert(
    fc.property(plans, blends, fc.nat(), (plan, blend, n) => {
      const wanted = n % plan.tiles.length
      const tile = plan.tiles[wanted]!
      for (const [i, weight] of weightsOf(plan, wanted, blend).entries()) {
        const x = i % plan.width
        const y = Math.trunc(i / plan.width)
        const isInside = x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height
        if (weight > 0 !== isInside || weight > 1) expect.fail(`the weight at ${x}, ${y} is ${weight}`)
      }
    }),
  )
})

test('a step between two tiles becomes a ramp without a kink', () => {
  const plan = planTiles(
    { width: 150, height: 4 },
    { window: { width: 100, height: 4 }, overlap: 0.5, edge: 'shift' },
  )
  const row = [...weightsOf(plan, 1, 'cosine').subarray(0, 150)]
  expect(row.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 0))
  expect(row.slice(100)).toEqual(Array.from({ length: 50 }, () => 1))
  const slopes = row.slice(1).map((value, i) => value - row[i]!)
  const bends = slopes.slice(1).map((slope, i) => Math.abs(slope - slopes[i]!))
  expect(Math.max(...slopes)).toBeLessThan(Math.PI / 2 / 50 + 1e-6)
  // A straight ramp bends by 1/50 at either end; half a cosine nowhere by more than pi^2 / (2 * 50^2).
  expect(Math.max(...bends)).toBeLessThan(Math.PI ** 2 / 2 / 50 ** 2 + 1e-6)
})

test('the mean counts each tile alike, as published', () => {
  const plan = planTiles(
    { width: 9, height: 1 },
    { window: { width: 5, height: 1 }, overlap: 0.2, edge: 'pad' },
  )
  expect([...weightsOf(plan, 1, 'mean')]).toEqual([0, 0, 0, 0, 0.5, 1, 1, 1, 1])
})

test('a tile that is missing, comes twice or has another size is refused', () => {
  const plan = planTiles(
    { width: 8, height: 4 },
    { window: { width: 4, height: 4 }, overlap: 0, edge: 'shift' },
  )
  const stitcher = createStitcher(plan)
  expect(() => stitcher.finish()).toThrow('internal: 2 tiles are missing, the first of them 0.')
  stitcher.add(0, new Float32Array(16))
  expect(() => stitcher.add(0, new Float32Array(16))).toThrow('internal: tile 0 was added before.')
  expect(() => stitcher.add(1, new Float32Array(15))).toThrow('has 15 samples, not 16')
  expect(() => stitcher.add(2, new Float32Array(16))).toThrow('internal: the plan has no tile 2.')
  expect(() => createStitcher(plan, { scale: 0 })).toThrow('internal: maps cannot be stitched at scale 0.')
})
