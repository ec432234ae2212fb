import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepInside, largestScale, wholePicture, zoomAround } from './zoom.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })

describe('the zoom', () => {
  test('keeps the point under the pointer where it is', () => {
    fc.assert(
      fc.property(share, share, share, share, (x, y, px, py) => {
        const before = { scale: 2, x, y }
        const after = zoomAround(before, 3, px, py)
        // Distance of the point from the centre of the view, in screens: moves only where the picture ends.
        const seen = (zoom: typeof before): number => (px - zoom.x) * zoom.scale
        const isInside = after.x > 0 && after.x < 1
        if (isInside) expect(seen(after)).toBeCloseTo(seen(before), 6)
      }),
    )
  })

  test('never shows less than all of it and never more than its limit', () => {
    expect(zoomAround(wholePicture, 0.1, 0.2, 0.9)).toEqual(wholePicture)
    expect(zoomAround(wholePicture, 1e9, 0.5, 0.5).scale).toBe(largestScale)
  })

  test('the centre of the view stays on the picture', () => {
    expect(keepInside({ scale: 4, x: -3, y: 7 })).toEqual({ scale: 4, x: 0, y: 1 })
  })
})
