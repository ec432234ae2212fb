import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutTile, mergePublished, planTiles, publishedTileName } from './index.ts'
import type { TileEdge, TileOptions, TilePlan } from './index.ts'

const size = fc.record({ width: fc.integer({ min: 1, max: 50 }), height: fc.integer({ min: 1, max: 50 }) })
const window = fc.record({ width: fc.integer({ min: 1, max: 30 }), height: fc.integer({ min: 1, max: 30 }) })
const overlap = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.77, 0.9)

function plansOf(...edges: TileEdge[]): fc.Arbitrary<TilePlan> {
  const options: fc.Arbitrary<TileOptions> = fc.record({ window, overlap, edge: fc.constantFrom(...edges) })
  return fc.tuple(size, options).map(([image, options]) => planTiles(image, options))
}

const square = (side: number): { readonly width: number; readonly height: number } => ({
  width: side,
  height: side,
})

test('every pixel of an image of any size is in a tile, and every tile shows some of it', () => {
  fc.assert(
    fc.property(plansOf('shift', 'pad'), (plan) => {
      const seen = new Uint8Array(plan.width * plan.height)
      for (const tile of plan.tiles) {
        const right = Math.min(plan.width, tile.x + tile.width)
        expect(tile.x).toBeLessThan(plan.width)
        expect(tile.y).toBeLessThan(plan.height)
        for (let y = tile.y; y < Math.min(plan.height, tile.y + tile.height); y++)
          seen.fill(1, y * plan.width + tile.x, y * plan.width + right)
      }
      expect(seen.includes(0)).toBe(false)
    }),
  )
})

test('tiles are listed row by row and never further apart than a window', () => {
  fc.assert(
    fc.property(plansOf('shift', 'pad'), (plan) => {
      expect(plan.tiles.length).toBe(plan.rows * plan.columns)
      for (const [i, tile] of plan.tiles.entries()) {
        expect(i).toBe(tile.row * plan.columns + tile.column)
        const before = plan.tiles[i - 1]
        if (tile.column > 0) expect(tile.x - before!.x).toBeLessThanOrEqual(plan.window.width)
        if (tile.column > 0) expect(tile.x).toBeGreaterThan(before!.x)
        const above = plan.tiles[i - plan.columns]
        if (tile.row > 0) expect(tile.y - above!.y).toBeLessThanOrEqual(plan.window.height)
        if (tile.row > 0) expect(tile.y).toBeGreaterThan(above!.y)
      }
    }),
  )
})

test('shifted tiles lie inside the image and end with it', () => {
  fc.assert(
    fc.property(plansOf('shift'), (plan) => {
      for (const tile of plan.tiles) {
        expect(tile.width).toBe(Math.min(plan.window.width, plan.width))
        expect(tile.height).toBe(Math.min(plan.window.height, plan.height))
        expect(tile.x).toBeGreaterThanOrEqual(0)
        expect(tile.y).toBeGreaterThanOrEqual(0)
      }
      const last = plan.tiles.at(-1)!
      expect([last.x + last.width, last.y + last.height]).toEqual([plan.width, plan.height])
    }),
  )
})

test('the last tile is shifted inwards, not padded, and the others keep their step', () => {
  const plan = planTiles({ width: 2448, height: 1024 }, { window: square(1024), overlap: 0.1, edge: 'shift' })
  expect(plan.tiles.map((tile) => tile.x)).toEqual([0, 921, 1424])
})

test('padded tiles are as many as published, all of the size of the window', () => {
  fc.assert(
    fc.property(plansOf('pad'), (plan) => {
      const count = (length: number, window: number): number => {
        const step = Math.max(1, Math.trunc(window * (1 - plan.overlap)))
        return Math.max(1, Math.ceil((length - window) / step) + 1)
      }
      expect(plan.columns).toBe(count(plan.width, plan.window.width))
      expect(plan.rows).toBe(count(plan.height, plan.window.height))
      for (const tile of plan.tiles)
        expect([tile.width, tile.height]).toEqual([plan.window.width, plan.window.height])
    }),
  )
})

test('an image smaller than the window is one tile: itself, or padded', () => {
  const image = { width: 50, height: 30 }
  const options = { window: square(1024), overlap: 0.1 }
  expect(planTiles(image, { ...options, edge: 'shift' }).tiles).toEqual([
    { row: 0, column: 0, x: 0, y: 0, width: 50, height: 30 },
  ])
  // The published formula counts no tile at all here, because 1024 - 50 is more than a step.
  expect(planTiles(image, { ...options, edge: 'pad' }).tiles).toEqual([
    { row: 0, column: 0, x: 0, y: 0, width: 1024, height: 1024 },
  ])
})

test('a cut tile holds the image where they overlap and zeros elsewhere', () => {
  fc.assert(
    fc.property(plansOf('shift', 'pad'), fc.constantFrom(1, 3), (plan, channels) => {
      const pixels = Uint8Array.from({ length: plan.width * plan.height * channels }, (_, i) => 1 + (i % 255))
      for (const tile of plan.tiles) {
        const cut = cutTile(pixels, plan, channels, tile)
        const want = Uint8Array.from({ length: cut.length }, (_, i) => {
          const c = i % channels
          const x = tile.x + (Math.trunc(i / channels) % tile.width)
          const y = tile.y + Math.trunc(i / channels / tile.width)
          return x < plan.width && y < plan.height ? pixels[(y * plan.width + x) * channels + c]! : 0
        })
        expect(cut).toEqual(want)
      }
    }),
    { numRuns: 30 },
  )
})

test('plans and cuts that make no sense are refused', () => {
  const options = { window: square(8), overlap: 0.1, edge: 'shift' } as const
  expect(() => planTiles({ width: 0, height: 8 }, options)).toThrow('internal: 0 is not')
  expect(() => planTiles(square(8), { ...options, window: square(2.5) })).toThrow('internal: 2.5 is not')
  expect(() => planTiles(square(8), { ...options, overlap: 0.95 })).toThrow('internal: tiles cannot overlap')
  expect(() => planTiles(square(8), { ...options, overlap: NaN })).toThrow('internal: tiles cannot overlap')
  const [tile] = planTiles(square(8), options).tiles
  expect(() => cutTile(new Uint8Array(63), square(8), 1, tile!)).toThrow('has 63 samples, not 64')
})

test('a name with two digits for a row is refused, since it would read as another tile', () => {
  const tile = { row: 9, column: 9, x: 0, y: 0, ...square(8) }
  expect(publishedTileName('000_regular', tile)).toBe('000_regular_99.png')
  expect(() => publishedTileName('000_regular', { ...tile, row: 10 })).toThrow('internal: tile 10, 9')
})

test('a merge with a map too few is refused, not darkened', () => {
  const plan = planTiles({ width: 80, height: 40 }, { window: square(40), overlap: 0.1, edge: 'pad' })
  expect(() => mergePublished(plan, [new Float32Array(100)])).toThrow(
    '1 maps were merged, but the plan has 3',
  )
  expect(() => mergePublished(plan, [new Float32Array(99)])).toThrow('has 99 samples, not 100')
})
