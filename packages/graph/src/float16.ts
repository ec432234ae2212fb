/**
 * IEEE 754 binary16, which is float16 or half precision: rounding and bit patterns.
 *
 * Round to nearest, ties to even, straight from double, so that no value is rounded twice. Written by
 * hand because the supported Node versions do not all know `Float16Array`.
 */

/** Values from here on (halfway between 65504 and 65536) become infinity. */
const overflow = 65520

/** Added and taken away again, this leaves a double below 2^51 rounded to a whole number, ties to even. */
const wholeNumber = 1.5 * 2 ** 52

/** The 16 bits of the half nearest to `value`. NaN becomes one quiet NaN. */
export function toFloat16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (!(size < overflow)) return Number.isNaN(value) ? 0x7e00 : sign | 0x7c00
  // Binades above the smallest normal, 2^-14; everything below shares the spacing of the first one.
  const binade = Math.max(0, 31 - Math.clz32(size * 2 ** 14))
  const steps = size * stepsPerUnit[binade]! + wholeNumber - wholeNumber
  // 1024 steps carry over into the next binade, also in the bits.
  return sign | ((binade << 10) + steps)
}

/** The value of 16 half-precision bits. */
export function fromFloat16Bits(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  const binade = Math.max(0, exponent - 1)
  return (sign * (exponent === 0 ? fraction : fraction + 1024)) / stepsPerUnit[binade]!
}

/** `value` as a half can hold it: what `numpy.float16(value)` is as a number. */
export function roundToFloat16(value: number): number {
  return fromFloat16Bits(toFloat16Bits(value))
}

/** How many half-precision steps a unit has in each of the 30 binades from 2^-14 on. */
const stepsPerUnit = Float64Array.from({ length: 30 }, (_, binade) => 2 ** (24 - binade))
