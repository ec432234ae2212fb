import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { outlineMask } from './outline.ts'

const maskOf = (...rows: string[]) => ({
  mask: Uint8Array.from(rows.join(''), (c) => (c === '#' ? 1 : 0)),
  width: rows[0]!.length,
  height: rows.length,
})

/** Area of all closed outlines, holes counted negative, by the shoelace formula. */
function areaOf(path: string): number {
  let area = 0
  for (const loop of path.split('Z').filter((part) => part !== '')) {
    const points = [...loop.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(
      (m) => [Number(m[1]), Number(m[2])] as const,
    )
    for (const [i, [x, y]] of points.entries()) {
      const [nextX, nextY] = points[(i + 1) % points.length]!
      area += (x * nextY - nextX * y) / 2
    }
  }
  return area
}

const cornersOf = (path: string): number => path.match(/[ML]/g)?.length ?? 0

test('one pixel has the outline of its square', () => {
  const { mask, width, height } = maskOf('...', '.#.', '...')
  expect(outlineMask(mask, width, height)).toBe('M2 1L2 2L1 2L1 1Z')
})

test('the outline of any mask encloses exactly its pixels', () => {
  const masks = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
    .chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        mask: fc.uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height }),
      }),
    )
  fc.assert(
    fc.property(masks, ({ mask, width, height }) => {
      expect(areaOf(outlineMask(mask, width, height))).toBe(mask.reduce((sum, v) => sum + v, 0))
    }),
  )
})

test('a hole has an outline of its own that takes its area away', () => {
  const { mask, width, height } = maskOf('####', '#..#', '####')
  const path = outlineMask(mask, width, height)
  expect(path.match(/M/g)).toHaveLength(2)
  expect(areaOf(path)).toBe(10)
})

test('pixels that touch at a corner are one region, as regions are 8-connected', () => {
  const { mask, width, height } = maskOf('#.', '.#')
  expect(outlineMask(mask, width, height).match(/M/g)).toHaveLength(1)
})

test('a mask that fills the picture has the four corners of the picture', () => {
  expect(outlineMask(new Uint8Array(6).fill(255), 3, 2)).toBe('M3 0L3 2L0 2L0 0Z')
})

test('a good part has no outline', () => {
  expect(outlineMask(new Uint8Array(6), 3, 2)).toBe('')
})

test('a simplified disc keeps its size with a fraction of the corners', () => {
  const side = 200
  const mask = Uint8Array.from({ length: side * side }, (_, i) =>
    Math.hypot((i % side) - 100, Math.floor(i / side) - 100) < 80 ? 1 : 0,
  )
  const exact = outlineMask(mask, side, side)
  const simple = outlineMask(mask, side, side, { tolerancePx: 1.5 })
  expect(cornersOf(simple)).toBeLessThan(cornersOf(exact) / 8)
  expect(areaOf(simple) / areaOf(exact)).toBeCloseTo(1, 1)
})

test('simplifying never makes a small defect vanish', () => {
  const { mask, width, height } = maskOf('....', '.##.', '.#..', '....')
  expect(areaOf(outlineMask(mask, width, height, { tolerancePx: 50 }))).toBeGreaterThan(0)
})

test('of a mask full of specks the largest are drawn', () => {
  const width = 100
  const mask = Uint8Array.from({ length: width * 10 }, (_, i) =>
    Math.floor(i / width) % 2 === 0 && i % 2 === 0 ? 1 : 0,
  )
  mask.fill(1, 900, 940)
  const path = outlineMask(mask, width, 10, { atMost: 3 })
  expect(path.match(/M/g)).toHaveLength(3)
  expect(areaOf(path)).toBeGreaterThanOrEqual(40)
})

test('a mask of the wrong size is a fault of ours', () => {
  expect(() => outlineMask(new Uint8Array(5), 2, 3)).toThrow('internal: a mask of 5 values is not 2 x 3')
})
