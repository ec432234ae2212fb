import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longestExtent } from './length.ts'

test('the length is the largest distance between corners of pixels', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(12), fc.nat(4)), {
        minLength: 1,
        maxLength: 8,
        selector: ([y]) => y,
      }),
      (spans) => {
        const rows = spans.map(([y, first, more]): [number, number, number] => [y, first, first + more])
        const corners = rows.flatMap(([y, first, last]) =>
          [first, last + 1].flatMap((x) => [y, y + 1].map((v): [number, number] => [x, v])),
        )
        const slow = Math.max(
          ...corners.flatMap(([ax, ay]) => corners.map(([bx, by]) => Math.hypot(ax - bx, ay - by))),
        )
        expect(longestExtent(rows)).toBeCloseTo(slow, 12)
      },
    ),
  )
})
