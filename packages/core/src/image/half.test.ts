import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHalfBits, roundToHalf, toHalfBits } from './half.ts'

test('every half survives the way out and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = fromHalfBits(bits)
    if (Number.isNaN(value)) expect(toHalfBits(value)).toBe(0x7e00)
    else if (toHalfBits(value) !== bits) expect.fail(`${bits} came back as ${toHalfBits(value)}`)
  }
})

test('rounding agrees with the engine for any double', () => {
  const near = fc.double({ min: -70000, max: 70000, noNaN: true })
  const tiny = fc.double({ min: -1e-4, max: 1e-4, noNaN: true })
  fc.assert(
    fc.property(fc.oneof(near, tiny, fc.double()), (value) => {
      expect(roundToHalf(value)).toBe(Math.f16round(value))
    }),
    { numRuns: 5000 },
  )
})

test('every midpoint between neighbours goes to the even one', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = (fromHalfBits(bits) + fromHalfBits(bits + 1)) / 2
    const want = bits % 2 === 0 ? bits : bits + 1
    if (toHalfBits(middle) !== want) expect.fail(`${middle} became ${toHalfBits(middle)}, not ${want}`)
  }
})

test('a double just off a midpoint is not rounded twice', () => {
  // Through float32 this would first fall onto the midpoint and then to even.
  const value = 1 + 2 ** -11 + 2 ** -40
  expect(roundToHalf(value)).toBe(1 + 2 ** -10)
  expect(roundToHalf(Math.fround(value))).toBe(1)
})

test('what is too large becomes infinity, with the sign kept', () => {
  expect([65504, 65519.99, 65520, -65520, Infinity].map(roundToHalf)).toEqual([
    65504,
    65504,
    Infinity,
    -Infinity,
    Infinity,
  ])
  expect(toHalfBits(-0)).toBe(0x8000)
})
