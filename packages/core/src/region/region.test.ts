import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillHoles, findRegions, labelComponents } from './index.ts'

/** A mask from rows of text, `#` is foreground. */
function draw(...rows: string[]): { mask: Uint8Array; width: number; height: number } {
  const mask = Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 255 : 0))
  return { mask, width: rows[0]?.length ?? 0, height: rows.length }
}

const anyMask = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      mask: fc
        .array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height })
        .map((values) => Uint8Array.from(values)),
    }),
  )

test('pixels that touch at a corner are one region with 8 neighbours, two with 4', () => {
  const { mask, width, height } = draw('#..', '.#.', '...')
  expect(findRegions(mask, width, height).length).toBe(1)
  expect(findRegions(mask, width, height, { connectivity: 4 }).length).toBe(2)
})

test('two arms that meet only at the bottom are one region', () => {
  const { mask, width, height } = draw('#.#.#', '#.#.#', '#####')
  expect(labelComponents(mask, width, height)).toMatchObject({ count: 1 })
  expect(labelComponents(mask, width, height, { connectivity: 4 })).toMatchObject({ count: 1 })
})

test('the right border does not touch the left border of the next row', () => {
  const { mask, width, height } = draw('..#', '#..')
  expect(labelComponents(mask, width, height).count).toBe(2)
})

test('regions come largest first, with box, area, length, mean and peak of the map inside', () => {
  const { mask, width, height } = draw('#....', '..##.', '..###')
  const map = Float32Array.from({ length: mask.length }, (_, i) => -i)
  expect(findRegions(mask, width, height, { map })).toEqual([
    { box: [2, 1, 3, 2], areaPx: 5, lengthPx: Math.hypot(3, 2), mean: -54 / 5, peak: -7 },
    { box: [0, 0, 1, 1], areaPx: 1, lengthPx: Math.SQRT2, mean: 0, peak: -0 },
  ])
  expect(findRegions(mask, width, height, { smallestAreaPx: 2 })).toEqual([
    { box: [2, 1, 3, 2], areaPx: 5, lengthPx: Math.hypot(3, 2), mean: 1, peak: 1 },
  ])
})

test('an empty mask has no regions and a full one has one', () => {
  expect(findRegions(new Uint8Array(6), 3, 2)).toEqual([])
  expect(findRegions(new Uint8Array(6).fill(9), 3, 2)).toEqual([
    { box: [0, 0, 3, 2], areaPx: 6, lengthPx: Math.hypot(3, 2), mean: 1, peak: 1 },
  ])
  expect(findRegions(new Uint8Array(0), 0, 0)).toEqual([])
})

test('a mask or map of another size is refused', () => {
  expect(() => findRegions(new Uint8Array(6), 3, 3)).toThrow('internal: a mask of 6 pixels is not 3 x 3')
  expect(() => findRegions(new Uint8Array(6), 3, 2, { map: new Float32Array(5) })).toThrow('internal')
})

test('labels equal a flood fill from each first pixel', () => {
  fc.assert(
    fc.property(anyMask, fc.constantFrom(4 as const, 8 as const), ({ mask, width, height }, connectivity) => {
      expect([...labelComponents(mask, width, height, { connectivity }).labels]).toEqual(
        floodLabels(mask, width, height, connectivity),
      )
    }),
    { numRuns: 500 },
  )
})

test('areas sum to the mask, and every box holds its region', () => {
  fc.assert(
    fc.property(anyMask, ({ mask, width, height }) => {
      const regions = findRegions(mask, width, height)
      const total = regions.reduce((sum, region) => sum + region.areaPx, 0)
      expect(total).toBe(mask.reduce((sum, value) => sum + value, 0))
      for (const { box, areaPx } of regions) {
        const [x, y, w, h] = box
        expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height && areaPx <= w * h).toBe(true)
      }
    }),
  )
})

test('a diagonal ring closes a hole with 8 neighbours and leaks with 4', () => {
  const { mask, width, height } = draw('.....', '..#..', '.#.#.', '..#..', '.....')
  expect(fillHoles(mask, width, height)[12]).toBe(255)
  expect(fillHoles(mask, width, height, { connectivity: 4 })[12]).toBe(0)
})

test('a bay open to the border and a hole above the size limit stay open', () => {
  const { mask, width, height } = draw('#####', '#...#', '#####', '##.##', '##.##')
  const filled = fillHoles(mask, width, height)
  expect(filled[6]).toBe(255)
  expect(filled[17]).toBe(0)
  expect(fillHoles(mask, width, height, { largestAreaPx: 2 })).toEqual(mask)
})

test('filling twice changes nothing more, and never removes foreground', () => {
  fc.assert(
    fc.property(anyMask, ({ mask, width, height }) => {
      const filled = fillHoles(mask, width, height)
      expect(fillHoles(filled, width, height)).toEqual(filled)
      expect(mask.every((value, i) => value === 0 || filled[i] === value)).toBe(true)
    }),
  )
})

/** The slow definition: visits the neighbours of neighbours. */
function floodLabels(mask: Uint8Array, width: number, height: number, connectivity: 4 | 8): number[] {
  const labels = Array.from(mask, () => 0)
  let count = 0
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) continue
    count++
    const todo = [start]
    while (todo.length > 0) {
      const i = todo.pop()!
      if (labels[i] !== 0) continue
      labels[i] = count
      for (const [dx, dy] of [
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ].slice(0, connectivity) as [number, number][]) {
        const x = (i % width) + dx
        const y = Math.floor(i / width) + dy
        if (x < 0 || y < 0 || x >= width || y >= height) continue
        const next = y * width + x
        if (mask[next] !== 0 && labels[next] === 0) todo.push(next)
      }
    }
  }
  return labels
}
