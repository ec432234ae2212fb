/** Two-dimensional convolution and its transpose. Their gradients are operators of their own. */
import { array64, at, build, forEachIndex, offsetOf, type Array64 } from '../reference/array.ts'
import { addDim, formatShape, scaleDim, windowDim, type Dim, type Shape } from '../shape.ts'
import { sameDtype, type Value } from '../value.ts'
import { defineOp } from './define.ts'

export type Pair = readonly [number, number]
export type Quad = readonly [number, number, number, number]

/** Vertical before horizontal; pads are `[top, left, bottom, right]`. */
export interface ConvAttributes {
  readonly strides: Pair
  readonly pads: Quad
  readonly dilations: Pair
  readonly group: number
}

export interface ConvTransposeAttributes extends ConvAttributes {
  readonly outputPadding: Pair
}

export const conv = defineOp<'2+', ConvAttributes>({
  name: 'conv',
  inputs: '2+',
  infer: ([x, w, bias], attributes) => {
    sameDtype('conv', x, w)
    const [n, c] = x.shape
    const [o, perGroup] = w.shape
    const { group } = attributes
    if (
      x.shape.length !== 4 ||
      w.shape.length !== 4 ||
      c !== Number(perGroup) * group ||
      Number(o) % group !== 0
    ) {
      throw new Error(
        `internal: conv of ${formatShape(x.shape)} with weights ${formatShape(w.shape)} in ${group} groups`,
      )
    }
    checkBias('conv', bias, o!)
    return [{ dtype: x.dtype, shape: [n!, o!, ...windowShape(x.shape, kernelOf(w), attributes)] }]
  },
  emit: ({ add }, inputs, attributes, { inputs: [, w] }) => [
    add('Conv', inputs, { ...onnxWindow(attributes), group: attributes.group, kernel_shape: kernelOf(w!) }),
  ],
  grad: (g, [x, w, bias], [dy], { attributes }) => {
    const dx = g.convInputGrad(dy, w, x, attributes)
    const dw = g.convWeightGrad(x, dy, kernelOf(w), attributes)
    return [dx, dw, ...(bias === undefined ? [] : [g.sum(dy, { axes: [0, 2, 3] })])]
  },
  reference: ([x, w, bias], attributes) => [convolve(x, w, bias, attributes)],
})

export const convTranspose = defineOp<'2+', ConvTransposeAttributes>({
  name: 'convTranspose',
  inputs: '2+',
  infer: ([x, w, bias], attributes) => {
    sameDtype('convTranspose', x, w)
    const { strides, pads, dilations, group, outputPadding } = attributes
    const [n, c] = x.shape
    if (x.shape.length !== 4 || w.shape.length !== 4 || c !== w.shape[0]) {
      throw new Error(
        `internal: convTranspose of ${formatShape(x.shape)} with weights ${formatShape(w.shape)}`,
      )
    }
    const o = Number(w.shape[1]) * group
    checkBias('convTranspose', bias, o)
    const spatial = [0, 1].map((axis) => {
      const d = x.shape[2 + axis]!
      const extent = (kernelOf(w)[axis]! - 1) * dilations[axis]! + 1
      const added = extent - pads[axis]! - pads[axis + 2]! + outputPadding[axis]!
      return addDim(scaleDim(addDim(d, -1), strides[axis]!), added)
    })
    return [{ dtype: x.dtype, shape: [n!, o, ...spatial] }]
  },
  emit: ({ add }, inputs, attributes, { inputs: [, w] }) => [
    add('ConvTranspose', inputs, {
      ...onnxWindow(attributes),
      group: attributes.group,
      kernel_shape: kernelOf(w!),
      ...(attributes.outputPadding.some((v) => v > 0) && { output_padding: attributes.outputPadding }),
    }),
  ],
  grad: (g, [x, w, bias], [dy], { attributes }) => {
    const { strides, pads, dilations, group } = attributes
    const window = { strides, pads, dilations, group }
    // The transpose of the transpose: dy plays the image, x the result.
    const dx = g.conv(dy, w, undefined, window)
    const dw = g.convWeightGrad(dy, x, kernelOf(w), window)
    return [dx, dw, ...(bias === undefined ? [] : [g.sum(dy, { axes: [0, 2, 3] })])]
  },
  reference: ([x, w, bias], attributes) => {
    const { strides, pads, dilations, group, outputPadding } = attributes
    const spatial = [0, 1].map(
      (axis) =>
        (x.shape[2 + axis]! - 1) * strides[axis]! +
        (w.shape[2 + axis]! - 1) * dilations[axis]! +
        1 -
        pads[axis]! -
        pads[axis + 2]! +
        outputPadding[axis]!,
    )
    const y = array64(x.dtype, [x.shape[0]!, w.shape[1]! * group, ...spatial])
    if (bias !== undefined) {
      forEachIndex(y.shape, ([, o], offset) => {
        y.data[offset] = bias.data[o!]!
      })
    }
    visitTaps(y.shape, x.shape, w.shape, attributes, (atY, atX, atW) => {
      y.data[atY] = y.data[atY]! + x.data[atX]! * w.data[atW]!
    })
    return [y]
  },
})

/** Height and width of what a window gives on images of shape `[N, C, H, W]`. */
export function windowShape(
  shape: Shape,
  kernel: Pair,
  { strides, pads, dilations }: { readonly strides: Pair; readonly pads: Quad; readonly dilations: Pair },
): readonly [Dim, Dim] {
  const along = (axis: 0 | 1): Dim =>
    windowDim(shape[2 + axis]!, {
      kernel: kernel[axis],
      stride: strides[axis],
      dilation: dilations[axis],
      pad: pads[axis] + pads[axis + 2]!,
    })
  return [along(0), along(1)]
}

export function onnxWindow({ strides, pads, dilations }: ConvAttributes): {
  readonly strides: Pair
  readonly pads: Quad
  readonly dilations: Pair
} {
  return { strides, pads, dilations }
}

export function kernelOf(w: Value): Pair {
  const [, , height, width] = w.shape
  if (typeof height !== 'number' || typeof width !== 'number') {
    throw new Error(`internal: convolution weights ${formatShape(w.shape)} need a fixed kernel`)
  }
  return [height, width]
}

function checkBias(operator: string, bias: Value | undefined, channels: Dim): void {
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw new Error(`internal: ${operator}: bias ${formatShape(bias.shape)} for ${channels} channels`)
  }
}

function convolve(x: Array64, w: Array64, bias: Array64 | undefined, attributes: ConvAttributes): Array64 {
  const spatial = windowShape(x.shape, [w.shape[2]!, w.shape[3]!], attributes) as readonly [number, number]
  const y = build(x.dtype, [x.shape[0]!, w.shape[0]!, ...spatial], ([, o]) =>
    bias === undefined ? 0 : at(bias, [o!]),
  )
  visitTaps(x.shape, y.shape, w.shape, attributes, (atX, atY, atW) => {
    y.data[atY] = y.data[atY]! + x.data[atX]! * w.data[atW]!
  })
  return y
}

/** Visits every product of a convolution by the offsets of its pixel in x, its result in y and its weight. */
export function visitTaps(
  x: readonly number[],
  y: readonly number[],
  w: readonly number[],
  { strides, pads, dilations, group }: ConvAttributes,
  visit: (atX: number, atY: number, atW: number) => void,
): void {
  const perGroup = y[1]! / group
  forEachIndex(y, ([n, o, oy, ox], atY) => {
    const first = Math.floor(o! / perGroup) * w[1]!
    forEachIndex(w.slice(1), ([c, ky, kx]) => {
      const iy = oy! * strides[0] + ky! * dilations[0] - pads[0]
      const ix = ox! * strides[1] + kx! * dilations[1] - pads[1]
      if (iy < 0 || iy >= x[2]! || ix < 0 || ix >= x[3]!) return
      visit(offsetOf(x, [n!, first + c!, iy, ix]), atY, offsetOf(w, [o!, c!, ky!, kx!]))
    })
  })
}
