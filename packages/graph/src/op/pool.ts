/** Pooling over windows. Kernel, strides and pads as in convolution; no dilation. */
import { tensor } from '../dtype.ts'
import type { Operators } from '../operators.ts'
import { array64, at, forEachIndex, offsetOf } from '../reference/array.ts'
import { isStatic, type Shape } from '../shape.ts'
import type { Value } from '../value.ts'
import { windowShape, type Pair, type Quad } from './convolution.ts'
import { defineOp } from './define.ts'

export interface PoolAttributes {
  readonly kernel: Pair
  readonly strides: Pair
  readonly pads: Quad
}

export interface AveragePoolAttributes extends PoolAttributes {
  readonly countIncludePad: boolean
}

/** Outputs: the largest values, and their int64 places in the flattened input. */
export const maxPool = defineOp<1, PoolAttributes>({
  name: 'maxPool',
  inputs: 1,
  infer: ([x], attributes) => {
    const shape = pooledShape(x.shape, attributes)
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
  emit: (e, [x], { kernel, strides, pads }) =>
    e.addMany('MaxPool', [x], { kernel_shape: kernel, strides, pads }, { count: 2, required: 1 }),
  grad: (g, [x], [dy], { outputs: [, places] }) => [g.maxPoolGrad(dy, places!, x)],
  reference: ([x], attributes) => {
    const shape = pooledShape(x.shape, attributes) as readonly number[]
    const values = array64(x.dtype, shape)
    const places = array64('int64', shape)
    forEachIndex(shape, (index, offset) => {
      const pixels = windowPixels(x.shape, index, attributes)
      const best = pixels.reduce((a, b) => (x.data[b]! > x.data[a]! ? b : a))
      values.data[offset] = x.data[best]!
      places.data[offset] = best
    })
    return [values, places]
  },
})

/** Inputs: dy, the places of the largest values, and x for its shape alone. Overlapping windows add up. */
export const maxPoolGrad = defineOp<3>({
  name: 'maxPoolGrad',
  inputs: 3,
  infer: ([, , x]) => [x],
  emit: (e, [dy, places, x], _, { inputs: [type] }) => {
    const flat = (name: string): string => e.add('Reshape', [name, e.int64([-1])])
    const shape = e.add('Shape', [x])
    const size = e.add('ReduceProd', [shape], { keepdims: 1 })
    const zeros = e.add('ConstantOfShape', [size], { value: tensor([0], [1], type!.dtype) })
    const sums = e.add('ScatterElements', [zeros, flat(places), flat(dy)], { axis: 0, reduction: 'add' })
    return [e.add('Reshape', [sums, shape])]
  },
  grad: 'the gradient of maxPool has no derivative',
  reference: ([dy, places, x]) => {
    const dx = array64(x.dtype, x.shape)
    places.data.forEach((place, i) => {
      dx.data[place] = dx.data[place]! + dy.data[i]!
    })
    return [dx]
  },
})

export const averagePool = defineOp<1, AveragePoolAttributes>({
  name: 'averagePool',
  inputs: 1,
  infer: ([x], attributes) => [{ dtype: x.dtype, shape: pooledShape(x.shape, attributes) }],
  emit: ({ add }, [x], { kernel, strides, pads, countIncludePad }) => [
    add('AveragePool', [x], {
      kernel_shape: kernel,
      strides,
      pads,
      count_include_pad: Number(countIncludePad),
    }),
  ],
  // Averaging is separable, so it is one matrix per axis; pooling an identity matrix shows it.
  grad: (g, [x], [dy], { attributes: { kernel, strides, pads, countIncludePad } }) => {
    const along = (axis: 0 | 1): Value => {
      const rows = axisMatrix(g, x, axis)
      const one = {
        kernel: [kernel[axis], 1],
        strides: [strides[axis], 1],
        pads: [pads[axis], 0, pads[axis + 2]!, 0],
      } as const
      const pooled = g.averagePool(rows, { ...one, countIncludePad })
      return g.reshape(pooled, [dy.shape[2 + axis]!, x.shape[2 + axis]!])
    }
    return [applyTransposed(g, dy, along(0), along(1))]
  },
  reference: ([x], attributes) => {
    const shape = pooledShape(x.shape, attributes) as readonly number[]
    const y = array64(x.dtype, shape)
    forEachIndex(shape, (index, offset) => {
      const pixels = windowPixels(x.shape, index, attributes)
      const count = attributes.countIncludePad ? attributes.kernel[0] * attributes.kernel[1] : pixels.length
      y.data[offset] = pixels.reduce((sum, p) => sum + x.data[p]!, 0) / count
    })
    return [y]
  },
})

export const globalAveragePool = defineOp({
  name: 'globalAveragePool',
  inputs: 1,
  infer: ([x]) => [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), 1, 1] }],
  emit: ({ add }, [x]) => [add('GlobalAveragePool', [x])],
  grad: (g, [x], [dy]) => [
    isStatic(x.shape.slice(2))
      ? g.mul(dy, 1 / (Number(x.shape[2]) * Number(x.shape[3])))
      : g.div(dy, g.countOf(x, [2, 3])),
  ],
  reference: ([x]) => {
    const y = array64(x.dtype, [...x.shape.slice(0, 2), 1, 1])
    const area = x.shape[2]! * x.shape[3]!
    forEachIndex(x.shape, (index) => {
      const to = offsetOf(y.shape, [index[0]!, index[1]!, 0, 0])
      y.data[to] = y.data[to]! + at(x, index) / area
    })
    return [y]
  },
})

/** The identity matrix of one spatial axis of x as an image `[1, 1, size, size]`. */
export function axisMatrix(g: Operators, x: Value, axis: 0 | 1): Value {
  const size = x.shape[2 + axis]!
  return g.reshape(g.eye(size, x.dtype), [1, 1, size, size])
}

/** Pulls a gradient back through y = rows x columns^T, for each image and channel. */
export function applyTransposed(g: Operators, dy: Value, rows: Value, columns: Value): Value {
  return g.matmul(g.matmul(g.transpose(rows, [1, 0]), dy), columns)
}

function pooledShape(shape: Shape, { kernel, strides, pads }: PoolAttributes): Shape {
  return [...shape.slice(0, 2), ...windowShape(shape, kernel, { strides, pads, dilations: [1, 1] })]
}

/** Offsets of the pixels inside the window of one result, in reading order. */
function windowPixels(
  shape: readonly number[],
  index: readonly number[],
  { kernel, strides, pads }: PoolAttributes,
): readonly number[] {
  const [n, c, y, x] = index as readonly [number, number, number, number]
  const pixels: number[] = []
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      const [iy, ix] = [y * strides[0] - pads[0] + ky, x * strides[1] - pads[1] + kx]
      if (iy >= 0 && iy < shape[2]! && ix >= 0 && ix < shape[3]!) pixels.push(offsetOf(shape, [n, c, iy, ix]))
    }
  }
  return pixels
}
