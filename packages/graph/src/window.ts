/** Options of sliding windows (convolution, pooling) in their full form. */
import type { Pads } from './operators.ts'
import type { Shape } from './shape.ts'

type Pair = readonly [number, number]

export function pairOf(v: number | Pair): Pair {
  return typeof v === 'number' ? [v, v] : v
}

export function stridesOf(v: number | Pair | undefined): Pair {
  return v === undefined ? [1, 1] : pairOf(v)
}

export function dilationsOf(v: number | Pair | undefined): Pair {
  return v === undefined ? [1, 1] : pairOf(v)
}

/**
 * `[top, left, bottom, right]`. `same` makes ceil(size / stride) results and puts an odd pixel at the bottom or
 * right, as TensorFlow does; with a stride it needs fixed sizes.
 */
export function padsOf(
  pads: Pads | undefined,
  {
    shape,
    kernel,
    strides,
    dilations,
  }: { readonly shape: Shape; readonly kernel: Shape; readonly strides: Pair; readonly dilations: Pair },
): readonly [number, number, number, number] {
  if (pads === undefined) return [0, 0, 0, 0]
  if (typeof pads === 'number') return [pads, pads, pads, pads]
  if (pads !== 'same') return pads
  const total = ([0, 1] as const).map((axis) => {
    const extent = (Number(kernel[axis]) - 1) * dilations[axis] + 1
    if (strides[axis] === 1) return extent - 1
    const size = shape[2 + axis]
    if (typeof size !== 'number')
      throw new Error(`internal: "same" padding with a stride needs fixed sizes, not ${size}`)
    return Math.max((Math.ceil(size / strides[axis]) - 1) * strides[axis] + extent - size, 0)
  })
  const [vertical, horizontal] = total as [number, number]
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)]
  return [top, left, vertical - top, horizontal - left]
}
