import fc from 'fast-check'
import { expect, test } from 'vitest'

import { interpolateBilinear } from './interpolate.ts'

const length = fc.integer({ min: 1, max: 9 })

test('some rows are those rows of the whole', () => {
  fc.assert(
    fc.property(
      length,
      length,
      length,
      length,
      fc.boolean(),
      fc.nat(),
      (h, w, newH, newW, alignCorners, at) => {
        const plane = Float32Array.from({ length: h * w }, (_, i) => Math.sin(5 * i + 1))
        const first = at % newH
        const last = first + 1 + (at % (newH - first))
        const whole = interpolateBilinear(plane, h, w, newH, newW, { alignCorners })
        const rows = interpolateBilinear(plane, h, w, newH, newW, { alignCorners, rows: [first, last] })
        expect(rows).toEqual(whole.slice(first * newW, last * newW))
      },
    ),
  )
})
