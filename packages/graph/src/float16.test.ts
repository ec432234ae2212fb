import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromFloat16Bits, roundToFloat16, toFloat16Bits } from './index.ts'

test('every half survives the way out and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = fromFloat16Bits(bits)
    if (Number.isNaN(value)) expect(toFloat16Bits(value)).toBe(0x7e00)
    else if (toFloat16Bits(value) !== bits) expect.fail(`${bits} came back as ${toFloat16Bits(value)}`)
  }
})

test('rounding agrees with the engine for any double', () => {
  const near = fc.double({ min: -70000, max: 70000, noNaN: true })
  const tiny = fc.double({ min: -1e-4, max: 1e-4, noNaN: true })
  fc.assert(
    fc.property(fc.oneof(near, tiny, fc.double()), (value) => {
      expect(roundToFloat16(value)).toBe(Math.f16round(value))
    }),
    { numRuns: 5000 },
  )
})

test('every midpoint between neighbours goes to the even one', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = (fromFloat16Bits(bits) + fromFloat16Bits(bits + 1)) / 2
    const want = bits % 2 === 0 ? bits : bits + 1
    if (toFloat16Bits(middle) !== want) expect.fail(`${middle} became ${toFloat16Bits(middle)}, not ${want}`)
  }
})

test('a double just off a midpoint is not rounded twice', () => {
  // Through float32 this would first fall onto the midpoint and then to even.
  const value = 1 + 2 ** -11 + 2 ** -40
  expect(roundToFloat16(value)).toBe(1 + 2 ** -10)
  expect(roundToFloat16(Math.fround(value))).toBe(1)
})

test('what is too large becomes infinity, with the sign kept', () => {
  expect([65504, 65519.99, 65520, -65520, Infinity].map(roundToFloat16)).toEqual([
    65504,
    65504,
    Infinity,
    -Infinity,
    Infinity,
  ])
  expect(toFloat16Bits(-0)).toBe(0x8000)
})
