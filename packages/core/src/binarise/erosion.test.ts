import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { erode } from '../image/index.ts'
import { erodeSparse } from './erosion.ts'

test('erosion that skips empty stretches equals the one that does not', () => {
  const plane = fc.tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 16 })).chain(([w, h]) =>
    fc.record({
      w: fc.constant(w),
      h: fc.constant(h),
      side: fc.integer({ min: 1, max: 7 }),
      // Mostly foreground, or nothing would survive.
      values: fc.array(fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 64 }) }, fc.constant(0)), {
        minLength: w * h,
        maxLength: w * h,
      }),
    }),
  )
  fc.assert(
    fc.property(plane, ({ w, h, side, values }) => {
      const bytes = Uint8Array.from(values)
      expect(erodeSparse(bytes, w, h, side)).toEqual(erode(bytes, w, h, side))
    }),
    { numRuns: 500 },
  )
})
