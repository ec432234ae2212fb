/** The rounding rule of Python, NumPy and OpenCV for halves, which JavaScript lacks. */

/** The nearest whole number; halves go to the even neighbour: 20.5 is 20, 21.5 is 22. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest < 0.5) return below
  if (rest > 0.5) return below + 1
  return below % 2 === 0 ? below : below + 1
}
