import type { Zone } from '@assay/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutMap, layZones } from './plane.ts'
import { fillPolygon } from './polygon.ts'
import { fromRuns, toRuns } from './runs.ts'

type Corner = readonly [number, number]

function paint(corners: readonly Corner[], width: number, height: number): Uint8Array {
  const painted = new Uint8Array(width * height)
  fillPolygon(corners, width, height, (y, start, end) => {
    for (let x = start; x < end; x++) painted[y * width + x]! += 1
  })
  return painted
}

/** Even-odd rule by the edges that lie straight above a point; the polygon is filled along rows. */
function isInside(corners: readonly Corner[], x: number, y: number): boolean {
  let edges = 0
  for (const [i, [ax, ay]] of corners.entries()) {
    const [bx, by] = corners[(i + 1) % corners.length] ?? [ax, ay]
    if (ax < x !== bx < x && ay + ((x - ax) / (bx - ax)) * (by - ay) < y) edges++
  }
  return edges % 2 === 1
}

const corner = fc.tuple(
  fc.double({ min: -5, max: 30, noNaN: true }),
  fc.double({ min: -5, max: 25, noNaN: true }),
)

test('pixels are inside when their centre is, also for polygons that cross themselves or leave the picture', () => {
  fc.assert(
    fc.property(fc.array(corner, { minLength: 3, maxLength: 9 }), (corners) => {
      const painted = paint(corners, 24, 17)
      let different = 0
      for (let y = 0; y < 17; y++)
        for (let x = 0; x < 24; x++)
          if ((painted[y * 24 + x] === 1) !== isInside(corners, x + 0.5, y + 0.5)) different++
      expect(painted.every((v) => v <= 1)).toBe(true)
      // A centre exactly on an edge may fall on either side.
      expect(different).toBe(0)
    }),
  )
})

test('two polygons that share an edge share no pixel and leave none between them', () => {
  fc.assert(
    fc.property(corner, corner, (a, b) => {
      const left = paint([[-50, -50], a, b, [-50, 50]], 24, 17)
      const right = paint([[50, -50], a, b, [50, 50]], 24, 17)
      const top = paint([[-50, -50], a, [50, -50]], 24, 17)
      const bottom = paint([[-50, 50], b, [50, 50]], 24, 17)
      // The four pieces cover the plane; where they overlap they do so an even number of times more.
      for (let i = 0; i < left.length; i++) expect((left[i]! + right[i]! + top[i]! + bottom[i]!) % 2).toBe(1)
    }),
  )
})

test('a rectangle on pixel borders has exactly its pixels', () => {
  const painted = paint(
    [
      [2, 1],
      [5, 1],
      [5, 3],
      [2, 3],
    ],
    8,
    5,
  )
  expect([...painted.entries()].filter(([, v]) => v === 1).map(([i]) => i)).toEqual([10, 11, 12, 18, 19, 20])
})

test('runs give back the mask that they were made of', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 255), { minLength: 1, maxLength: 60 }), (values) => {
      expect([...fromRuns(toRuns(values), values.length)]).toEqual(values)
    }),
  )
  expect(() => fromRuns([3, 4], 8)).toThrow('internal')
})

const whole: Zone = { name: 'all', kind: 'inspect', shape: { kind: 'whole' } }
const half = (name: string, kind: Zone['kind']): Zone => ({
  name,
  kind,
  shape: {
    kind: 'polygon',
    unit: 'relative',
    corners: [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  },
})

test('later zones lie over earlier ones, and what no inspected zone covers is not inspected', () => {
  expect([...layZones([whole, half('label', 'ignore')], 4, 1, 'p')]).toEqual([0, 0, 1, 1])
  expect([...layZones([half('face', 'inspect')], 4, 1, 'p')]).toEqual([1, 1, 0, 0])
  expect([...layZones([half('label', 'ignore'), whole], 4, 1, 'p')]).toEqual([2, 2, 2, 2])
})

test('relative corners fit pictures of any size, corners in pixels keep their place', () => {
  const fixed: Zone = {
    name: 'fixed',
    kind: 'inspect',
    shape: {
      kind: 'polygon',
      unit: 'pixel',
      corners: [
        [0, 0],
        [2, 0],
        [2, 1],
        [0, 1],
      ],
    },
  }
  expect([...layZones([half('face', 'inspect')], 8, 1, 'p')]).toEqual([1, 1, 1, 1, 0, 0, 0, 0])
  expect([...layZones([fixed], 8, 1, 'p')]).toEqual([1, 1, 0, 0, 0, 0, 0, 0])
})

test('a mask is scaled to the picture', () => {
  const zone: Zone = {
    name: 'm',
    kind: 'inspect',
    shape: { kind: 'mask', width: 2, height: 1, runs: [1, 1] },
  }
  expect([...layZones([zone], 6, 2, 'p')]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1])
})

test('a zone that covers nothing is refused, because everything in it would pass', () => {
  const away: Zone = {
    ...whole,
    name: 'face',
    shape: {
      kind: 'polygon',
      unit: 'pixel',
      corners: [
        [100, 0],
        [120, 0],
        [120, 9],
      ],
    },
  }
  const codeOf = (zones: readonly Zone[]): unknown => {
    try {
      return layZones(zones, 10, 10, 'p.png')
    } catch (error) {
      return error
    }
  }
  expect(codeOf([whole, away])).toMatchObject({
    code: 'ZONE_EMPTY',
    message: 'The zone "face" covers no pixel of p.png, which has 10 x 10.',
  })
  expect(codeOf([half('under', 'inspect'), whole])).toMatchObject({ code: 'ZONE_EMPTY' })
  // One that is ignored may lie outside.
  expect(codeOf([whole, { ...away, kind: 'ignore' }])).toHaveLength(100)
})

test('what is not inspected gets the lowest value of what is, however strange it was', () => {
  const map = Float32Array.of(9, -7, 3, 5)
  expect([...cutMap(map, Uint8Array.of(0, 0, 1, 2))]).toEqual([3, 3, 3, 5])
  // Of one zone only: a defect beside it neither raises nor extends into it.
  expect([...cutMap(map, Uint8Array.of(0, 0, 1, 2), 1)]).toEqual([3, 3, 3, 3])
  expect([...cutMap(map, Uint8Array.of(0, 0, 1, 2), 2)]).toEqual([5, 5, 5, 5])
})
