import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findRegions } from '../../region/index.ts'
import { cleanMask, combineSegments, largestBoxes } from './index.ts'

/** A mask from rows of text, `#` is foreground. */
function draw(...rows: string[]): Uint8Array {
  return Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 255 : 0))
}

/** Rows of text again, so that a failed comparison can be read. */
function show(mask: Uint8Array, width: number): string[] {
  const text = Array.from(mask, (value) => (value === 0 ? '.' : '#')).join('')
  return text.match(new RegExp(`.{${width}}`, 'g')) ?? []
}

const anyMask = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 })).chain(([w, h]) =>
  fc.record({
    w: fc.constant(w),
    h: fc.constant(h),
    mask: fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: w * h, maxLength: w * h })
      .map((values) => Uint8Array.from(values)),
  }),
)

test('by default holes are filled and every foreground pixel stays', () => {
  const mask = draw('.......', '.####..', '.#..#..', '.####.#')
  expect(show(cleanMask(mask, 7, 4), 7)).toEqual(['.......', '.####..', '.####..', '.####.#'])
  expect(show(cleanMask(mask, 7, 4, { largestHolePx: 1 }), 7)).toEqual(show(mask, 7))
})

test('closing joins the pieces of a scratch before the smallest area takes pieces away', () => {
  const scratch = draw('............', '............', '..##.##.##..', '............', '............')
  const joined = cleanMask(scratch, 12, 5, { closeRadiusPx: 1, smallestAreaPx: 8 })
  expect(findRegions(joined, 12, 5).map(({ areaPx }) => areaPx)).toEqual([8])
  expect(findRegions(cleanMask(scratch, 12, 5, { smallestAreaPx: 8 }), 12, 5)).toEqual([])
})

test('opening takes whiskers away and leaves blocks where they are', () => {
  const mask = draw('###....', '#######', '###....', '.......')
  expect(show(cleanMask(mask, 7, 4, { openRadiusPx: 1 }), 7)).toEqual([
    '###....',
    '###....',
    '###....',
    '.......',
  ])
})

test('a region at the border is neither grown over it nor eaten from it', () => {
  const mask = draw('##..', '##..', '....', '....')
  expect(cleanMask(mask, 4, 4, { closeRadiusPx: 1, openRadiusPx: 1 })).toEqual(mask)
})

test('cleaning twice changes nothing more', () => {
  const options = fc.record({
    closeRadiusPx: fc.constant(0),
    openRadiusPx: fc.integer({ min: 0, max: 2 }),
    largestHolePx: fc.constantFrom(0, Infinity),
    smallestAreaPx: fc.integer({ min: 1, max: 6 }),
  })
  fc.assert(
    fc.property(anyMask, options, ({ w, h, mask }, options) => {
      const once = cleanMask(mask, w, h, options)
      expect(cleanMask(once, w, h, options)).toEqual(once)
    }),
  )
})

test('closing never removes and opening never adds', () => {
  fc.assert(
    fc.property(anyMask, fc.integer({ min: 1, max: 3 }), ({ w, h, mask }, radius) => {
      const closed = cleanMask(mask, w, h, { closeRadiusPx: radius, largestHolePx: 0 })
      const opened = cleanMask(mask, w, h, { openRadiusPx: radius, largestHolePx: 0 })
      expect(mask.every((value, i) => value === 0 || closed[i] === 255)).toBe(true)
      expect(mask.every((value, i) => value !== 0 || opened[i] === 0)).toBe(true)
    }),
  )
})

test('boxes are those of the largest regions, ends exclusive, smallest of them first', () => {
  const mask = draw('#..###', '...###', '.#....', '.#..#.')
  expect(largestBoxes(mask, 6, 4, 2)).toEqual([
    [1, 2, 2, 4],
    [3, 0, 6, 2],
  ])
  expect(largestBoxes(mask, 6, 4, 9).length).toBe(4)
  expect(largestBoxes(new Uint8Array(24), 6, 4, 3)).toEqual([])
})

const coarse = draw('..........', '.####...##', '.####...##', '.####.....', '..........')

test('replace: what had no box is gone, and without answers the mask is empty', () => {
  const answer = draw('..........', '..##......', '..##......', '..##......', '..........')
  expect(combineSegments(coarse, 10, 5, [[answer]], { rule: 'replace' })).toEqual(answer)
  expect(combineSegments(coarse, 10, 5, [], { rule: 'replace' })).toEqual(new Uint8Array(50))
})

test('unite: a crisp answer takes the place of its region, the other region stays', () => {
  const answer = draw('..........', '..##......', '.#..#.....', '..##......', '..........')
  expect(show(combineSegments(coarse, 10, 5, [[answer]]), 10)).toEqual([
    '..........',
    '..##....##',
    '.####...##',
    '..##......',
    '..........',
  ])
})

test('unite: answers about the whole part, a speck, another place or nothing leave the coarse region', () => {
  const whole = new Uint8Array(50).fill(1)
  const speck = draw('..........', '.#........', '..........', '..........', '..........')
  const elsewhere = draw('..........', '..........', '.......###', '..........', '..........')
  for (const answer of [whole, speck, elsewhere, new Uint8Array(50)])
    expect(combineSegments(coarse, 10, 5, [[answer]])).toEqual(coarse)
})

test('unite: three masks for a box count together', () => {
  const [upper, lower] = [1, 3].map((row) =>
    draw(...Array.from({ length: 5 }, (_, y) => (y === row ? '.####.....' : '..........'))),
  )
  expect(show(combineSegments(coarse, 10, 5, [[upper!, lower!, new Uint8Array(50)]]), 10)).toEqual([
    '..........',
    '.####...##',
    '........##',
    '.####.....',
    '..........',
  ])
})

test('answers of another size or without a region are refused', () => {
  expect(() => combineSegments(coarse, 10, 5, [[new Uint8Array(49)]])).toThrow('internal: a segment of 49')
  const answers = [1, 2, 3].map(() => [coarse])
  expect(() => combineSegments(coarse, 10, 5, answers)).toThrow('internal: 3 answers')
})
