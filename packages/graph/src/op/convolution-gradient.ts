/**
 * Gradients of two-dimensional convolution, which an inference build of onnxruntime lacks, from its forward
 * operators.
 *
 * Which form is emitted follows measurements on its CPU kernels: with stride 1 the gradient of the input is an
 * ordinary convolution with turned weights, else a transposed one; that of the weights is one matrix product per
 * tap of a small kernel, else a convolution whose window is the gradient. Second derivatives are left out.
 */
import { array64 } from '../reference/array.ts'
import { isStatic, type Dim, type Shape } from '../shape.ts'
import type { Value } from '../value.ts'
import { kernelOf, onnxWindow, visitTaps, type ConvAttributes, type Pair } from './convolution.ts'
import { defineOp, type Emitter } from './define.ts'
import { emitShape, type DimSource } from './dynamic.ts'

/** Kernels with more taps than this are not taken apart. */
const mostTaps = 25

/** Inputs: dy, weights, and x for its shape alone. */
export const convInputGrad = defineOp<3, ConvAttributes>({
  name: 'convInputGrad',
  inputs: 3,
  infer: ([, , x]) => [x],
  emit: (e, [dy, w, x], attributes, { inputs }) => {
    const [dyType, wType, xType] = inputs as readonly [Value, Value, Value]
    const { strides, pads, dilations, group } = attributes
    const kernel = kernelOf(wType)
    const turnedPads = pads.map((pad, side) => (kernel[side % 2]! - 1) * dilations[side % 2]! - pad)
    if (strides.every((s) => s === 1) && turnedPads.every((pad) => pad >= 0)) {
      const window = { strides, dilations, pads: turnedPads, group, kernel_shape: kernel }
      return [e.add('Conv', [dy, turnWeights(e, w, wType, group)], window)]
    }
    const window = { ...onnxWindow(attributes), group, kernel_shape: kernel }
    const extra = [0, 1].map((axis) => remainder(xType.shape, dyType.shape, kernel, attributes, axis))
    if (extra.every((v) => v !== undefined)) {
      const padding = extra.some((v) => v > 0) && { output_padding: extra }
      return [e.add('ConvTranspose', [dy, w], { ...window, ...padding })]
    }
    // The remainder of a named size is unknown: make the largest image that could be meant, and cut it.
    const largest = strides.map((s) => s - 1)
    const whole = e.add('ConvTranspose', [dy, w], { ...window, output_padding: largest })
    const sizes = e.add('Shape', [x], { start: 2, end: 4 })
    return [e.add('Slice', [whole, e.int64([0, 0]), sizes, e.int64([2, 3])])]
  },
  grad: 'the gradient of a convolution has no derivative',
  reference: ([dy, w, x], attributes) => {
    const dx = array64(x.dtype, x.shape)
    visitTaps(x.shape, dy.shape, w.shape, attributes, (atX, atY, atW) => {
      dx.data[atX] = dx.data[atX]! + dy.data[atY]! * w.data[atW]!
    })
    return [dx]
  },
})

/** Inputs: x, dy. */
export const convWeightGrad = defineOp<2, ConvAttributes & { readonly kernel: Pair }>({
  name: 'convWeightGrad',
  inputs: 2,
  infer: ([x, dy], { group, kernel }) => [
    { dtype: x.dtype, shape: [dy.shape[1]!, Number(x.shape[1]) / group, ...kernel] },
  ],
  emit: (e, [x, dy], attributes, { inputs }) => {
    const [xType, dyType] = inputs as readonly [Value, Value]
    const { kernel } = attributes
    const isFixed = isStatic(xType.shape.slice(1)) && isStatic(dyType.shape.slice(1))
    const isSmall = kernel[0] * kernel[1] <= mostTaps
    const product = isFixed && isSmall ? productPerTap : convolveWithGradient
    return [product(e, { x, dy }, { x: xType.shape, dy: dyType.shape }, attributes)]
  },
  grad: 'the gradient of a convolution has no derivative',
  reference: ([x, dy], attributes) => {
    const shape = [dy.shape[1]!, x.shape[1]! / attributes.group, ...attributes.kernel]
    const dw = array64(x.dtype, shape)
    visitTaps(x.shape, dy.shape, shape, attributes, (atX, atY, atW) => {
      dw.data[atW] = dw.data[atW]! + x.data[atX]! * dy.data[atY]!
    })
    return [dw]
  },
})

interface Pictures<T> {
  readonly x: T
  readonly dy: T
}

type WeightAttributes = ConvAttributes & { readonly kernel: Pair }

/** For each tap, dy times the pixels that it met, as matrices `[O, pixels] [pixels, C]`, summed over the batch. */
function productPerTap(
  e: Emitter,
  { x, dy }: Pictures<string>,
  shapes: Pictures<Shape>,
  attributes: WeightAttributes,
): string {
  const { strides, pads, dilations, group, kernel } = attributes
  const channels = Number(shapes.x[1])
  const [outputs, height, width] = [Number(shapes.dy[1]), Number(shapes.dy[2]), Number(shapes.dy[3])]
  const padded = pads.some((pad) => pad > 0)
    ? e.add('Pad', [x, e.int64([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])])
    : x
  // 0 copies the batch size.
  const rows = e.add('Reshape', [dy, e.int64([0, group, outputs / group, height * width])])
  const isWhole = kernel[0] * kernel[1] === 1 && strides.every((s) => s === 1) && padded === x
  const tap = (row: number, column: number): string => {
    const starts = [row * dilations[0], column * dilations[1]] as const
    const ends = [starts[0] + (height - 1) * strides[0] + 1, starts[1] + (width - 1) * strides[1] + 1]
    const pixels = isWhole
      ? x
      : e.add('Slice', [padded, e.int64(starts), e.int64(ends), e.int64([2, 3]), e.int64(strides)])
    const columns = e.add('Reshape', [pixels, e.int64([0, group, channels / group, height * width])])
    const products = e.add('MatMul', [rows, e.add('Transpose', [columns], { perm: [0, 1, 3, 2] })])
    return e.add('ReduceSum', [products, e.int64([0])], { keepdims: 0 })
  }
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, i) =>
    tap(Math.floor(i / kernel[1]), i % kernel[1]),
  )
  const lifted = taps.map((name) => e.add('Unsqueeze', [name, e.int64([-1])]))
  const joined = lifted.length === 1 ? lifted[0]! : e.add('Concat', lifted, { axis: -1 })
  return e.add('Reshape', [joined, e.int64([outputs, channels / group, ...kernel])])
}

/**
 * A convolution of x with dy as its window: batch and channels exchanged, strides and dilations exchanged. The
 * window walks over the taps of the kernel, and sums over the places of the result.
 */
function convolveWithGradient(
  e: Emitter,
  { x, dy }: Pictures<string>,
  shapes: Pictures<Shape>,
  attributes: WeightAttributes,
): string {
  const { strides, pads, dilations, group, kernel } = attributes
  const inputs = [swapBatch(e, x, shapes.x, group, 'image'), swapBatch(e, dy, shapes.dy, group, 'weights')]
  const whole = e.add('Conv', inputs, { strides: dilations, dilations: strides, pads, group })
  const isExact = [0, 1].every((axis) => remainder(shapes.x, shapes.dy, kernel, attributes, axis) === 0)
  const taps = isExact ? whole : e.add('Slice', [whole, e.int64([0, 0]), e.int64(kernel), e.int64([2, 3])])
  return e.add('Transpose', [taps], { perm: [1, 0, 2, 3] })
}

/** Weights `[g*o, c, kh, kw]` for the way back: `[g*c, o, kh, kw]`, turned by half a circle. */
function turnWeights(e: Emitter, name: string, { shape }: Value, group: number): string {
  const [outputs, channels, ...kernel] = shape as readonly [number, number, number, number]
  const swapped =
    group === 1
      ? e.add('Transpose', [name], { perm: [1, 0, 2, 3] })
      : e.add('Reshape', [
          e.add(
            'Transpose',
            [e.add('Reshape', [name, e.int64([group, outputs / group, channels, ...kernel])])],
            {
              perm: [0, 2, 1, 3, 4],
            },
          ),
          e.int64([group * channels, outputs / group, ...kernel]),
        ])
  if (kernel.every((d) => d === 1)) return swapped
  const before = -Number.MAX_SAFE_INTEGER
  return e.add('Slice', [
    swapped,
    e.int64([-1, -1]),
    e.int64([before, before]),
    e.int64([2, 3]),
    e.int64([-1, -1]),
  ])
}

/** Pixels at the end of an axis that no window reaches; undefined where sizes are named and it may be any. */
function remainder(
  x: Shape,
  y: Shape,
  kernel: Pair,
  { strides, pads, dilations }: ConvAttributes,
  axis: number,
): number | undefined {
  if (strides[axis] === 1) return 0
  const [inner, outer] = [x[2 + axis]!, y[2 + axis]!]
  if (typeof inner !== 'number' || typeof outer !== 'number') return undefined
  const reach = (outer - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1
  return inner + pads[axis]! + pads[axis + 2]! - reach
}

/**
 * Exchanges batch and channels so that one grouped convolution makes all weight gradients: an image
 * `[N, g*c, H, W]` becomes `[c, g*N, H, W]`, a gradient taken as weights `[g*c, N, H, W]`.
 */
function swapBatch(e: Emitter, name: string, shape: Shape, group: number, role: 'image' | 'weights'): string {
  if (group === 1) return e.add('Transpose', [name], { perm: [1, 0, 2, 3] })
  const [n, channels, height, width] = shape as readonly [Dim, number, Dim, Dim]
  const size = (d: Dim, axis: number): DimSource =>
    typeof d === 'number' ? d : { terms: [{ input: 0, axis, factor: 1 }], offset: 0 }
  const per = channels / group
  const parted = e.add('Reshape', [
    name,
    emitShape(e, [size(n, 0), group, per, size(height, 2), size(width, 3)], [name]),
  ])
  const swapped = e.add('Transpose', [parted], { perm: role === 'image' ? [2, 1, 0, 3, 4] : [1, 2, 0, 3, 4] })
  const merged: DimSource[] = role === 'image' ? [per, -1] : [channels, size(n, 0)]
  return e.add('Reshape', [swapped, emitShape(e, [...merged, size(height, 2), size(width, 3)], [name])])
}
