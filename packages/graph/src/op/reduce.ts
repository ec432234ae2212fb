/** Operators that reduce axes, and sorting along one. */
import { sizeOf } from '../dtype.ts'
import { onnxTypes } from '../onnx/data-type.ts'
import type { Operators } from '../operators.ts'
import { array64, at, forEachIndex, reduceAxes } from '../reference/array.ts'
import type { Dim, Shape } from '../shape.ts'
import type { Value } from '../value.ts'
import { defineOp, type GradContext, type TypedOp } from './define.ts'

/** Axes are counted from the front, in ascending order. */
export interface ReduceAttributes {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

export interface ArgAttributes {
  readonly axis: number
  readonly keepDims: boolean
}

export interface TopKAttributes {
  readonly k: number
  readonly axis: number
  readonly largest: boolean
}

type Rule = (
  g: Operators,
  x: Value,
  /** Gradient and result with the reduced axes kept. */
  kept: { readonly dy: Value; readonly y: Value },
  attributes: ReduceAttributes,
) => Value

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

export const sum = reduction('sum', 'ReduceSum', total, (_g, _x, { dy }) => dy)
export const mean = reduction(
  'mean',
  'ReduceMean',
  (values) => total(values) / values.length,
  (g, x, { dy }, { axes }) => divideByCount(g, dy, x, axes),
)
export const sumSquares = reduction(
  'sumSquares',
  'ReduceSumSquare',
  (values) => total(values.map((v) => v * v)),
  (g, x, { dy }) => g.mul(x, g.mul(dy, 2)),
)
// Where the norm is 0 so is x, and any finite divisor gives the derivative 0.
export const norm = reduction(
  'norm',
  'ReduceL2',
  (values) => Math.sqrt(total(values.map((v) => v * v))),
  (g, x, { dy, y }) => g.mul(x, g.div(dy, g.where(g.equal(y, 0), 1, y))),
)
export const max = reduction('max', 'ReduceMax', (values) => Math.max(...values), shareAmongEqual)
export const min = reduction('min', 'ReduceMin', (values) => Math.min(...values), shareAmongEqual)

export const argMax = argReduction('argMax', 'ArgMax', (candidate, best) => candidate > best)
export const argMin = argReduction('argMin', 'ArgMin', (candidate, best) => candidate < best)

export const topK = defineOp<1, TopKAttributes>({
  name: 'topK',
  inputs: 1,
  infer: ([x], { k, axis }) => {
    const d = x.shape[axis]
    if (typeof d === 'number' && k > d)
      throw new Error(`internal: topK: axis ${axis} has ${d} elements, fewer than ${k}`)
    const shape = x.shape.with(axis, k)
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
  emit: (e, [x], { k, axis, largest }) =>
    e.addMany(
      'TopK',
      [x, e.int64([k])],
      { axis, largest: Number(largest), sorted: 1 },
      { count: 2, required: 2 },
    ),
  grad: (g, [x], [dy], { attributes: { axis }, outputs: [, indices] }) => [
    g.scatterElementsAdd(dy, indices!, { axis, shape: x.shape }),
  ],
  reference: ([x], { k, axis, largest }) => {
    const shape = x.shape.with(axis, k)
    const values = array64(x.dtype, shape)
    const indices = array64('int64', shape)
    forEachIndex(shape, (index, offset) => {
      const line = Array.from({ length: x.shape[axis]! }, (_, i) => ({ i, v: at(x, index.with(axis, i)) }))
      line.sort((a, b) => (largest ? b.v - a.v : a.v - b.v) || a.i - b.i)
      values.data[offset] = line[index[axis]!]!.v
      indices.data[offset] = line[index[axis]!]!.i
    })
    return [values, indices]
  },
})

/** topK whose k is a value, int64 `[1]`; the axis gets a named size. */
export const topKOf = defineOp<2, Omit<TopKAttributes, 'k'>>({
  name: 'topKOf',
  inputs: 2,
  infer: ([x], { axis }) => {
    const shape = x.shape.with(axis, `top(${x.shape[axis]})`)
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
  emit: (e, [x, k], { axis, largest }) =>
    e.addMany('TopK', [x, k], { axis, largest: Number(largest), sorted: 1 }, { count: 2, required: 2 }),
  grad: 'topK has no derivative here when k is a value',
  reference: ([x, k], attributes, outputs) => topK.reference([x], { ...attributes, k: k.data[0]! }, outputs),
})

/** Number of elements along axes as a scalar of the value's element type, where some size is named. */
export const countOf = defineOp<1, { readonly axes: readonly number[] }>({
  name: 'countOf',
  inputs: 1,
  infer: ([x]) => [{ dtype: x.dtype, shape: [] }],
  emit: (e, [x], { axes }, { inputs: [value] }) => {
    const sizes = e.add('Gather', [e.add('Shape', [x]), e.int64(axes)], { axis: 0 })
    return [e.add('Cast', [e.add('ReduceProd', [sizes], { keepdims: 0 })], { to: onnxTypes[value!.dtype] })]
  },
  // Only the size of its input matters.
  grad: () => [null],
  reference: ([x], { axes }) => [array64(x.dtype, [], Float64Array.of(sizeOf(axes.map((a) => x.shape[a]!))))],
})

function reduction(
  name: string,
  opType: string,
  f: (values: readonly number[]) => number,
  rule: Rule,
): TypedOp<ReduceAttributes> {
  return defineOp<1, ReduceAttributes>({
    name,
    inputs: 1,
    infer: ([x], attributes) => [{ dtype: x.dtype, shape: reducedShape(x.shape, attributes) }],
    emit: (e, [x], { axes, keepDims }, { inputs: [type] }) => {
      const keepdims = { keepdims: Number(keepDims) }
      // onnxruntime's CPU kernels for squares are twenty times slower than for sums unless the axes are the last.
      const isLast = axes.every((axis, i) => axis === type!.shape.length - axes.length + i)
      if (isLast || (opType !== 'ReduceSumSquare' && opType !== 'ReduceL2')) {
        return [e.add(opType, [x, e.int64(axes)], keepdims)]
      }
      const squares = e.add('ReduceSum', [e.add('Mul', [x, x]), e.int64(axes)], keepdims)
      return [opType === 'ReduceL2' ? e.add('Sqrt', [squares]) : squares]
    },
    grad: (g, [x], [dy], { attributes, outputs: [y] }: GradContext<ReduceAttributes>) => [
      rule(g, x, { dy: keepAxes(g, dy, attributes), y: keepAxes(g, y, attributes) }, attributes),
    ],
    reference: ([x], { axes, keepDims }) => [reduceAxes(x, axes, keepDims, f)],
  })
}

function argReduction(
  name: string,
  opType: string,
  beats: (candidate: number, best: number) => boolean,
): TypedOp<ArgAttributes> {
  return defineOp<1, ArgAttributes>({
    name,
    inputs: 1,
    infer: ([x], { axis, keepDims }) => [
      { dtype: 'int64', shape: reducedShape(x.shape, { axes: [axis], keepDims }) },
    ],
    emit: (e, [x], { axis, keepDims }) => [e.add(opType, [x], { axis, keepdims: Number(keepDims) })],
    grad: `${name} has no derivative`,
    reference: ([x], { axis, keepDims }) => [
      reduceAxes(
        x,
        [axis],
        keepDims,
        (values) => values.reduce((best, v, i) => (beats(v, values[best]!) ? i : best), 0),
        'int64',
      ),
    ],
  })
}

function shareAmongEqual(
  g: Operators,
  x: Value,
  { dy, y }: { readonly dy: Value; readonly y: Value },
  { axes }: ReduceAttributes,
): Value {
  const isBest = g.cast(g.equal(x, y), x.dtype)
  return g.mul(isBest, g.div(dy, g.sum(isBest, { axes, keepDims: true })))
}

function divideByCount(g: Operators, dy: Value, x: Value, axes: readonly number[]): Value {
  const sizes = axes.map((a) => x.shape[a]!)
  return sizes.every((d) => typeof d === 'number')
    ? g.mul(dy, 1 / sizeOf(sizes))
    : g.div(dy, g.countOf(x, axes))
}

function keepAxes(g: Operators, value: Value, { axes, keepDims }: ReduceAttributes): Value {
  return keepDims || value.shape.length === 0 ? value : g.unsqueeze(value, axes)
}

function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttributes): Shape {
  return keepDims
    ? shape.map((d, i): Dim => (axes.includes(i) ? 1 : d))
    : shape.filter((_, i) => !axes.includes(i))
}
