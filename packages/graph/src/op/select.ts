/** Operators that pick by index, their counterparts that add into place, and sources of indices. */

import { tensor, type DType } from '../dtype.ts'
import { array64, at, build, forEachIndex, mapValues, offsetOf } from '../reference/array.ts'
import { formatShape, type Dim, type Shape } from '../shape.ts'
import { sameDtype } from '../value.ts'
import { defineOp } from './define.ts'
import { emitShape, resolveShape, type DimSource } from './dynamic.ts'

export interface ScatterAttributes {
  readonly axis: number
  readonly shape: Shape
  readonly sources: readonly DimSource[]
}

export const gather = defineOp<2, { readonly axis: number }>({
  name: 'gather',
  inputs: 2,
  infer: ([x, indices], { axis }) => [
    { dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] },
  ],
  emit: ({ add }, [x, indices], { axis }) => [add('Gather', [x, indices], { axis })],
  grad: (g, [x, indices], [dy], { attributes: { axis } }) => [
    g.scatterAdd(dy, indices, { axis, size: x.shape[axis]! }),
    null,
  ],
  reference: ([x, indices], { axis }) => {
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
    const rank = indices.shape.length
    return [
      build(x.dtype, shape, (index) => {
        const picked = at(indices, index.slice(axis, axis + rank))
        return at(x, [...index.slice(0, axis), wrap(picked, x.shape[axis]!), ...index.slice(axis + rank)])
      }),
    ]
  },
})

export const gatherElements = defineOp<2, { readonly axis: number }>({
  name: 'gatherElements',
  inputs: 2,
  infer: ([x, indices]) => [{ dtype: x.dtype, shape: indices.shape }],
  emit: ({ add }, [x, indices], { axis }) => [add('GatherElements', [x, indices], { axis })],
  grad: (g, [x, indices], [dy], { attributes: { axis } }) => [
    g.scatterElementsAdd(dy, indices, { axis, shape: x.shape }),
    null,
  ],
  reference: ([x, indices], { axis }) => [
    build(x.dtype, indices.shape, (index) =>
      at(x, index.with(axis, wrap(at(indices, index), x.shape[axis]!))),
    ),
  ],
})

/**
 * zeros(shape)[indices along axis] += updates, elementwise. Inputs: updates, indices, then sources of sizes.
 *
 * ScatterElements, not ScatterND, because onnxruntime's CPU kernel runs it serially: equal indices add up
 * in order, so a training step is reproducible.
 */
export const scatterElementsAdd = defineOp<'2+', ScatterAttributes>({
  name: 'scatterElementsAdd',
  inputs: '2+',
  infer: ([updates, indices], { shape }) => {
    if (formatShape(updates.shape) !== formatShape(indices.shape)) {
      throw new Error(
        `internal: scatter: updates ${formatShape(updates.shape)} and indices ${formatShape(indices.shape)} differ`,
      )
    }
    return [{ dtype: updates.dtype, shape }]
  },
  emit: (e, inputs, { axis, sources }, { inputs: [updates] }) => {
    const zero = tensor([0], [1], updates!.dtype)
    const base = e.add('ConstantOfShape', [emitShape(e, sources, inputs)], { value: zero })
    return [e.add('ScatterElements', [base, inputs[1], inputs[0]], { axis, reduction: 'add' })]
  },
  grad: (g, [, indices], [dy], { attributes: { axis } }) => [g.gatherElements(dy, indices, { axis }), null],
  reference: (inputs, { axis, sources }) => {
    const [updates, indices] = inputs
    const out = array64(updates.dtype, resolveShape(sources, inputs))
    forEachIndex(updates.shape, (index, offset) => {
      const target = offsetOf(out.shape, index.with(axis, wrap(indices.data[offset]!, out.shape[axis]!)))
      out.data[target] = out.data[target]! + updates.data[offset]!
    })
    return [out]
  },
})

export const oneHot = defineOp<1, { readonly depth: number; readonly dtype: DType }>({
  name: 'oneHot',
  inputs: 1,
  infer: ([indices], { depth, dtype }) => [{ dtype, shape: [...indices.shape, depth] }],
  emit: (e, [indices], { depth, dtype }) => [
    e.add('OneHot', [indices, e.int64([depth]), e.constant(tensor([0, 1], [2], dtype))], { axis: -1 }),
  ],
  grad: 'oneHot has no derivative',
  reference: ([indices], { depth, dtype }) => [
    build(dtype, [...indices.shape, depth], (index) =>
      Number(wrap(at(indices, index.slice(0, -1)), depth) === index.at(-1)),
    ),
  ],
})

export const shapeOf = defineOp({
  name: 'shapeOf',
  inputs: 1,
  infer: ([x]) => [{ dtype: 'int64', shape: [x.shape.length] }],
  emit: ({ add }, [x]) => [add('Shape', [x])],
  grad: 'shapeOf has no derivative',
  reference: ([x]) => [array64('int64', [x.shape.length], Float64Array.from(x.shape))],
})

export const range = defineOp<3, { readonly size: Dim }>({
  name: 'range',
  inputs: 3,
  infer: ([start, limit, delta], { size }) => [
    { dtype: sameDtype('range', start, limit, delta), shape: [size] },
  ],
  emit: ({ add }, inputs) => [add('Range', inputs)],
  grad: 'range has no derivative',
  reference: ([start, limit, delta]) => {
    const length = Math.max(0, Math.ceil((limit.data[0]! - start.data[0]!) / delta.data[0]!))
    return [
      mapValues(
        array64(
          start.dtype,
          [length],
          Float64Array.from({ length }, (_, i) => i),
        ),
        (i) => start.data[0]! + i * delta.data[0]!,
      ),
    ]
  },
})

/** An identity matrix whose size is read from its input when the graph runs. */
export const eye = defineOp<1, { readonly size: Dim; readonly source: DimSource; readonly dtype: DType }>({
  name: 'eye',
  inputs: 1,
  infer: (_, { size, dtype }) => [{ dtype, shape: [size, size] }],
  emit: (e, inputs, { source, dtype }) => {
    const shape = emitShape(e, [source, source], inputs)
    return [e.add('EyeLike', [e.add('ConstantOfShape', [shape], { value: tensor([0], [1], dtype) })])]
  },
  // Only the size of its input matters.
  grad: () => [null],
  reference: (inputs, { source, dtype }) => [
    build(dtype, resolveShape([source, source], inputs), ([i, j]) => Number(i === j)),
  ],
})

function wrap(index: number, size: number): number {
  const position = index < 0 ? index + size : index
  if (position < 0 || position >= size)
    throw new Error(`internal: index ${index} is outside ${size} elements`)
  return position
}
